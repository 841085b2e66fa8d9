<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="stackscope run" package="stackscope" id="0" timestamp="1970-01-01T00:00:00" hostname="localhost" tests="1" failures="0" errors="1" time="0.000000000">
    <properties>
      <property name="version" value="0.1.0"/>
    </properties>
    <testcase name="runs to its end" classname="stackscope run" time="0.000000000">
      <error message="--junit was given 2 times, and can be given once" type="refused">--junit was given 2 times, and can be given once</error>
    </testcase>
    <system-out/>
    <system-err/>
  </testsuite>
</testsuites>

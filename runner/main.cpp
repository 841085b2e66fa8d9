#include "runner/command_line.hpp"

int main(int argc, char** argv) {
  return static_cast<int>(stackscope::command_line(argc, argv, stackscope::standard_console()));
}

-- A descriptor made or closed by one thread is so for all (clone(2), CLONE_FILES).
local fd
local t = thread(function() fd = eventfd(5, 0) end)
join(t)
print("made by the thread", eventfd_read(fd))
join(thread(function() close(fd) end))
print("closed by another", eventfd_read(fd))
local low = eventfd(0, 0); close(low)
print("number free again", join(thread(function() return eventfd(0, 0) end)) == low)
print("same process", join(thread(getpid)) == getpid(), "other thread", join(thread(gettid)) ~= gettid())
print("main thread", getpid() == gettid())

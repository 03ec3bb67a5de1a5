"""What timers and alarms share: the clocks, a file that outlasts restarts, and two tasks."""

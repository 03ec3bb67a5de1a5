"""The spoken commands about alarms."""

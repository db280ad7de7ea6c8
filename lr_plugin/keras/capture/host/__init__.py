"""What the backends share whose steps hand their rows to the host, one by one."""

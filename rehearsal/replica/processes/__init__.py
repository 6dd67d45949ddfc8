"""A replica of plain processes: the real servers from wheels, in a sandbox of Linux namespaces where the kernel allows."""

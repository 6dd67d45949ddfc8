"""A replica of plain processes: the real servers from wheels, sandboxed where the kernel allows it."""

"""The images of a replica of containers, made from Debian's packages where none can be pulled."""

"""Makes a running, throwaway replica from a gateway directory."""

"""Chapter "Monitoramento do Sistema"."""

"""Chapter "Manutenção Preventiva"."""

"""Chapter "Backups e Recuperação"."""

"""Chapter "Contatos e Escalação"."""

"""The words of runbooks in Portuguese and English: what a check asks for by one is found by the other."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Each line is one meaning, its first word the name that `canonical` gives it; a long one goes on in a line with the
# same first word. Capitals and accents do not count.
_EQUIVALENTS = """
Overview | Visão Geral
Contents | Table of Contents | Índice | Sumário
System Monitoring | Monitoring | Monitoramento do Sistema | Monitoramento
Daily Checks | Daily Verifications | Verificações Diárias
Service Status | Services Status | Status of Services | Status of the Services | Status dos Serviços
Resource Monitoring | Resource Usage | Monitoramento de Recursos
Connectivity Check | Connectivity Checks | Connectivity | Health Checks | Verificação de Conectividade
Alerts and Thresholds | Alerts & Thresholds | Thresholds | Alert Thresholds | Alerting Thresholds
Alerts and Thresholds | Alertas e Thresholds | Alertas e Limites
Backups and Recovery | Backup and Recovery | Backups & Recovery | Backups e Recuperação | Backup e Recuperação
Automatic Backups | Automated Backups | Backups Automáticos
Backup Procedures | Procedimentos de Backup
Manual PostgreSQL Backup | Manual Backup of PostgreSQL | PostgreSQL Manual Backup | PostgreSQL Backup
Manual PostgreSQL Backup | Postgres Backup | Back Up PostgreSQL | Backing Up PostgreSQL | Backup PostgreSQL
Manual PostgreSQL Backup | Database Backup | Back Up the Database | Backup Manual do PostgreSQL
Manual Redis Backup | Manual Backup of Redis | Redis Manual Backup | Redis Backup | Back Up Redis | Backing Up Redis
Manual Redis Backup | Backup Redis | Backup Manual do Redis
Recovery Procedures | Restore Procedures | Procedimentos de Recuperação | Procedimentos de Restauração
Restore PostgreSQL | Restoring PostgreSQL | PostgreSQL Restore | PostgreSQL Recovery | Recover PostgreSQL
Restore PostgreSQL | Restore Postgres | Restoring Postgres | Restore the Database | Database Restore
Restore PostgreSQL | Restaurar o Banco de Dados | Restaurar PostgreSQL | Restaurar o PostgreSQL
Restore Redis | Restoring Redis | Redis Restore | Redis Recovery | Recover Redis | Restaurar Redis | Restaurar o Redis
Preventive Maintenance | Maintenance | Manutenção Preventiva | Manutenção
Log Cleanup | Log Clean-up | Cleaning Logs | Limpeza de Logs
Automatic Cleanup | Automatic Clean-up | Automated Cleanup | Automatic Log Cleanup | Limpeza Automática
Manual Cleanup | Manual Clean-up | Docker Cleanup | Docker Clean-up | Limpeza Manual | Limpeza do Docker
SSL Certificate Renewal | SSL Certificate Update | SSL Certificates | Atualização de Certificados SSL
Check Validity | Check Certificate Validity | Certificate Validity | Check Certificate Expiry | Certificate Expiry
Check Validity | Verificar Validade
Renew Certificates (Let's Encrypt) | Renew SSL Certificates | Renovar Certificados SSL
Renew Certificates (Let's Encrypt) | Renew Certificates | Renovar Certificados (Let's Encrypt) | Renovar Certificados
Dependency Updates | Updating Dependencies | Atualização de Dependências
Update Docker Images | Update Images | Updating Docker Images | Atualizar Imagens Docker | Atualizar Imagens
Update Code | Update the Code | Updating the Code | Code Update | Atualizar Código | Atualizar o Código
Emergency Procedures | Procedimentos de Emergência
Service Failure | Service Failures | Falha de Serviço
API Unavailable | API Down | API is Down | API Indisponível
Worker Stopped | Worker Down | Worker is Down | Worker Not Running | Worker Parado
Database Unavailable | Database Down | Database is Down | PostgreSQL Down | PostgreSQL Unavailable
Database Unavailable | Banco de Dados Indisponível
Redis Unavailable | Redis Down | Redis is Down | Redis Indisponível
Resource Failure | Resource Exhaustion | Falha de Recursos
High CPU Usage | High CPU Use | High CPU | Alto Uso de CPU
High Memory Usage | High Memory Use | High Memory | Alto Uso de Memória
Low Disk Space | Espaço em Disco Baixo
Security Incidents | Incidentes de Segurança
Suspected Attack | Suspicion of Attack | Suspeita de Ataque
Data Leak | Data Breach | Vazamento de Dados
Contacts and Escalation | Contacts & Escalation | Contatos e Escalação | Contatos e Escalonamento
Operations Team | Operations | Equipe de Operações
Development Team | Development | Equipe de Desenvolvimento
Security Team | Security | Equipe de Segurança
Suppliers | Vendors | Providers | Fornecedores
Escalation Procedures | Escalation | Procedimentos de Escalação | Procedimentos de Escalonamento
Appendices | Appendix | Annexes | Anexos
Useful Commands | Comandos Úteis
Database | Banco de Dados
PostgreSQL | Postgres
Monitoring Scripts | Scripts de Monitoramento
Important Logs | Logs Importantes

Metric | Metrics | Indicator | Check | Métrica | Métricas | Indicador | Resource | Recurso
Warning | Warn | Warning Level | Warning Threshold | Aviso | Alerta | Atenção | Nível de Aviso
Critical | Crit | Critical Level | Critical Threshold | Crítico | Crítica | Nível Crítico
Action | Actions | What to Do | Response | Ação | Ações | O que Fazer
CPU | CPU Usage | CPU Use | CPU Utilization | CPU Load | Uso de CPU
Memory | Memory Usage | Memory Use | Memory Utilization | RAM | RAM Usage | Memória | Uso de Memória
Disk | Disk Usage | Disk Use | Disk Utilization | Disk Space | Disk Space Used | Storage | Disco | Uso de Disco
Disk | Espaço em Disco
API Latency | Latency | API Response Time | Response Time | Latência API | Latência da API | Latência
PostgreSQL Connections | Postgres Connections | Database Connections | DB Connections | Connections | Conexões
PostgreSQL Connections | Conexões PostgreSQL | Conexões do PostgreSQL | Conexões do Banco | Conexões com o Banco
Redis Memory | Redis Memory Usage | Memória Redis | Memória do Redis | Uso de Memória do Redis

Frequency | Schedule | Frequência | Periodicidade
Retention | Retenção
Location | Localização | Local
Validation | Validação

Version | Versão
Last Updated | Updated | Last Update | Última Atualização | Atualizado em
Owner | Responsible | Responsável
Status | Situação | Estado
Last Review | Last Reviewed | Última Revisão
Next Review | Próxima Revisão
Approved By | Aprovado por

Daily | Diário | Diária | Diários | Diariamente | Every Day | Todos os Dias
Weekly | Semanal | Semanais | Semanalmente | Every Week
Fortnightly | Every Two Weeks
Half-monthly | Quinzenal | Quinzenalmente
Monthly | Mensal | Mensais | Mensalmente | Every Month
Quarterly | Trimestral | Trimestralmente
Half-yearly | Semestral | Semestralmente
Yearly | Annual | Annually | Anual | Anuais | Anualmente
Day | Days | Dia | Dias
Week | Weeks | Semana | Semanas
Month | Months | Mês | Meses
Year | Years | Ano | Anos
"""

_NUMBERING = re.compile(r"(?:\d+(?:\.\d+)+\.?|\d+[.)])\s+")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
_EMPHASIS = re.compile(r"[*`]|~~|(?<!\w)_+|_+(?!\w)")


def fold(text: str) -> str:
    """Return a text without capitals, accents, numbering, emphasis and trailing punctuation."""
    plain = _EMPHASIS.sub("", _LINK.sub(r"\1", text)).strip()
    plain = _NUMBERING.sub("", plain, count=1) if _NUMBERING.match(plain) else plain
    bare = "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
    return " ".join(bare.replace("\u2019", "'").casefold().split()).rstrip(" .:;,!?")


_MEANINGS = {
    fold(word): fold(line.split("|")[0]) for line in _EQUIVALENTS.splitlines() if line for word in line.split("|")
}


_ENGLISH = {fold(first): first for first in (line.split("|")[0].strip() for line in _EQUIVALENTS.splitlines()) if first}


def in_english(text: str) -> str:
    """Return the English name of a known meaning, with its capitals; empty for one that is not known."""
    return _ENGLISH.get(canonical(text), "")


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """Return the one name of all words with the meaning of this one: its folded self where it is not known."""
    folded = fold(text)
    return _MEANINGS.get(folded, folded)


def means(text: str, meaning: str) -> bool:
    """Tell whether two words or headings say the same, in either language."""
    return canonical(text) == canonical(meaning)

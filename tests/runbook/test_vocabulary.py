"""Words of two languages."""

import pytest

from rehearsal.runbook import vocabulary
from rehearsal.runbook.vocabulary import canonical, fold, means


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("1. Status dos Serviços", "status dos servicos"),
        ("1.2.3 Ação:", "acao"),
        ("2) **Disco**", "disco"),
        ("  Latência\tAPI !", "latencia api"),
        ("`bull_x` e _y_", "bull_x e y"),
        ("[Docker](https://example.org)", "docker"),
        ("7 dias", "7 dias"),
        ("A.1.1 Status of services", "status of services"),
        ("C) Log cleanup", "log cleanup"),
        ("\N{SECTION SIGN} 3.1 Restore Redis", "restore redis"),
        ("IV. Contacts", "contacts"),
        ("Part B - Backups", "backups"),
        ("Passo 2 \N{EN DASH} Restaurar", "restaurar"),
        ("A backup right now", "a backup right now"),
        ("API Unavailable", "api unavailable"),
        ("Let\N{RIGHT SINGLE QUOTATION MARK}s", "let's"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    """Only what distinguishes two words is left."""
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [("Memória", "memory"), ("Ação", "Action"), ("Diário", "Daily"), ("Restaurar Redis", "Restore Redis"),
     ("desconhecido", "Desconhecido."), ("Backup manual: PostgreSQL", "Manual PostgreSQL Backup"),
     ("O worker parou", "Worker Stopped"), ("Limpeza dos logs", "Log Cleanup"),
     ("Pouco espaço em disco", "Low Disk Space")],
)  # fmt: skip
def test_means(one: str, other: str) -> None:
    """Known words are equal across languages, unknown ones to themselves."""
    assert means(one, other)
    assert not means(one, "CPU")


def test_no_word_has_two_meanings() -> None:
    """A word in two lines would silently belong to the last of them."""
    lines = [line.split("|") for line in vocabulary._EQUIVALENTS.splitlines() if line]  # noqa: SLF001 -- the table itself is what is tested
    firsts = {fold(line[0]) for line in lines}
    words = [*firsts, *(fold(word) for line in lines for word in line[1:])]
    assert len(words) > 200
    assert sorted({word for word in words if words.count(word) > 1}) == []
    assert all(canonical(line[-1]) == fold(line[0]) for line in lines)


def test_words_that_headings_have_or_have_not_make_no_second_meaning() -> None:
    """Without articles and prepositions, too, each word of the table has one meaning, and none is empty."""
    meanings: dict[str, set[str]] = {}
    for word, meaning in vocabulary._MEANINGS.items():  # noqa: SLF001 -- the table itself is what is tested
        meanings.setdefault(vocabulary._loose(word), set()).add(meaning)  # noqa: SLF001 -- likewise
    assert [word for word, found in meanings.items() if len(found) > 1 or not word] == []
    assert not means("O de a", "CPU")

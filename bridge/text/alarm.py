"""What an ops group reads about an account in trouble: what it means, and what to do.

The reason itself is in the words of whoever gave it: the network, or a log line of ours.
"""

from __future__ import annotations

from bridge.text.html import whole
from bridge.text.words import network_name

LONGEST_REASON = 1000

_ENGLISH = {
    "subject": "{whose}: {state}",
    "opening": "{whose} is in trouble: {state}.\n\nReason: {because}\n\n{do}\n\nThis ticket is "
    "solved by itself when all is well again. `bridge status` shows how every account stands.",
    "changed": "{whose}, now: {state}.\n\nReason: {because}\n\n{do}",
    "well": "{whose} is well again. What was held has gone on, in order.",
    "needs_sign_in": "sign in again",
    "degraded": "does not work as it should",
    "webhook_dead": "the webhook is silent",
    "silent": "unusually quiet",
    "rate_limited": "slowed down by the far side",
    "do_needs_sign_in": "Put a new token where settings or mapping refer to it, and restart "
    "the workers. Nothing is lost meanwhile: what waits goes out in order.",
    "do_degraded": "Run `bridge doctor`: it looks at every account and says what to do.",
    "do_webhook_dead": "Look at the webhook in the helpdesk: active, our address, the right "
    "signing secret. `bridge doctor` looks at it too. Answers still go out, only later.",
    "do_silent": "Write to the account yourself from another one. If that makes no ticket, look "
    "whether the account is still the right one and lets messages through; `bridge doctor` helps.",
    "do_rate_limited": "It goes on by itself. If this lasts, another program uses up the limit.",
}
_GERMAN = {
    "subject": "{whose}: {state}",
    "opening": "{whose} hat eine Störung: {state}.\n\nGrund: {because}\n\n{do}\n\nDieses Ticket "
    "löst sich von selbst, wenn alles wieder geht. `bridge status` zeigt alle Konten.",
    "changed": "{whose}, jetzt: {state}.\n\nGrund: {because}\n\n{do}",
    "well": "{whose} geht wieder. Was gewartet hat, ist der Reihe nach weitergegangen.",
    "needs_sign_in": "neue Anmeldung nötig",
    "degraded": "arbeitet nicht richtig",
    "webhook_dead": "der Webhook schweigt",
    "silent": "ungewöhnlich still",
    "rate_limited": "von der Gegenseite gebremst",
    "do_needs_sign_in": "Bitte ein neues Token dort hinterlegen, wo Einstellungen oder Mapping "
    "darauf verweisen, und die Worker neu starten. Bis dahin geht nichts verloren: Was wartet, "
    "geht danach der Reihe nach hinaus.",
    "do_degraded": "Bitte `bridge doctor` ausführen: Es prüft alle Konten und sagt, was zu tun "
    "ist.",
    "do_webhook_dead": "Bitte den Webhook im Helpdesk ansehen: aktiv, unsere Adresse, das "
    "richtige Signatur-Geheimnis. Auch `bridge doctor` prüft ihn. Antworten gehen weiter hinaus, "
    "nur später.",
    "do_silent": "Bitte selbst von einem anderen Konto aus dorthin schreiben. Entsteht kein "
    "Ticket, nachsehen, ob es noch das richtige Konto ist und Nachrichten durchlässt; "
    "`bridge doctor` hilft.",
    "do_rate_limited": "Es geht von selbst weiter. Wenn nicht, verbraucht ein anderes Programm das "
    "Kontingent.",
}
_LANGUAGES = {"en": _ENGLISH, "de": _GERMAN}


def whose(account: str, network: str) -> str:
    """`acme (Mastodon)`; the helpdesk is an account without a network."""
    return f"{account} ({network_name(network)})" if network else account


def subject(who: str, state: str, language: str) -> str:
    return _said("subject", who, state, "", language)


def opening(who: str, state: str, because: str, language: str) -> str:
    return _said("opening", who, state, because, language)


def changed(who: str, state: str, because: str, language: str) -> str:
    return _said("changed", who, state, because, language)


def well(who: str, language: str) -> str:
    return _said("well", who, "", "", language)


def _said(sentence: str, who: str, state: str, because: str, language: str) -> str:
    words = _LANGUAGES.get(language, _ENGLISH)
    reason = " ".join(whole(because).split())
    if len(reason) > LONGEST_REASON:
        reason = reason[: LONGEST_REASON - 1] + "…"
    return words[sentence].format(
        whose=who,
        state=words.get(state, state),
        because=reason,
        do=words.get(f"do_{state}", ""),
    )

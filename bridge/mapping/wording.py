"""What the public thread is told after a private answer, where the admins chose no words.

The sentences hint at nothing that was said. Where a network puts messages from strangers into a
folder of requests, people are told to look there: Instagram does with a private reply to anyone
who does not follow the account
(https://developers.facebook.com/docs/instagram-platform/private-replies).
"""

from __future__ import annotations

_SENTENCES = {
    "en": (
        "Thanks for getting in touch! We have answered you in a private message.",
        "If you do not see it, please check your message requests.",
    ),
    "de": (
        "Danke für Ihre Nachricht! Wir haben Ihnen privat geantwortet.",
        "Falls Sie nichts sehen, schauen Sie bitte in Ihre Nachrichtenanfragen.",
    ),
    "fr": (
        "Merci pour votre message ! Nous vous avons répondu en message privé.",
        "Si vous ne le voyez pas, regardez dans vos invitations par message.",
    ),
    "es": (
        "¡Gracias por escribirnos! Le hemos respondido por mensaje privado.",
        "Si no lo ve, mire en sus solicitudes de mensajes.",
    ),
    "it": (
        "Grazie per averci scritto! Le abbiamo risposto con un messaggio privato.",
        "Se non lo vede, controlli le richieste di messaggi.",
    ),
    "nl": (
        "Bedankt voor uw bericht! We hebben u in een privébericht geantwoord.",
        "Ziet u het niet? Kijk dan bij uw berichtverzoeken.",
    ),
    "pt": (
        "Obrigado pela sua mensagem! Respondemos por mensagem privada.",
        "Se não a vir, veja os seus pedidos de mensagem.",
    ),
}

_WITH_REQUESTS = frozenset({"instagram"})


def built_in(network: str) -> tuple[tuple[str, str], ...]:
    """Language tag and sentence, as they suit this network ("" for any)."""
    hint = network in _WITH_REQUESTS
    return tuple(
        (tag, f"{told} {where}" if hint else told) for tag, (told, where) in _SENTENCES.items()
    )

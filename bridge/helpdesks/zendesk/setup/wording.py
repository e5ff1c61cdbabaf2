"""What agents and admins read on the things that are made, in the mapping's agents' language.

All of it may be edited in Zendesk: what somebody changed is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

Texts = Mapping[str, str]

ENGLISH: Texts = {
    "made": "Made by the helpdesk bridge; you may change it.",
    "field.network": "Social network",
    "field.account": "Social account",
    "field.author": "Social author",
    "field.followers": "Social author's followers",
    "field.profile": "Social author's profile",
    "field.permalink": "Social post",
    "field.language": "Social post's language",
    "field.reply_as": "Reply as",
    "field.reply_by": "Social reply by",
    "field.delivery": "Social delivery",
    "hint.reply_as": "Who reads your next answer. It goes back to “as the customer wrote” after "
    "each answer.",
    "hint.delivery": "What became of the last answer.",
    "option.auto": "As the customer wrote",
    "option.private": "Private message",
    "option.public": "Public reply",
    "person.bridge_network": "Social network",
    "person.bridge_handle": "Social name",
    "person.bridge_followers": "Social followers",
    "person.bridge_profile": "Social profile",
    "view.unanswered_public": "Social: public, to be answered",
    "view.unanswered_private": "Social: private, to be answered",
    "view.delivery_problems": "Social: answers that did not arrive",
    "view.network": "Social: {network}",
    "says.unanswered": "New and open tickets. Submit answers as pending or solved: the ticket "
    "opens again when the customer writes.",
    "says.delivery_problems": "Not solved, and an answer could not be delivered. The note on the "
    "ticket says why.",
    "says.network": "Everything on this network that is not solved.",
    "macro.private": "Social::Answer privately",
    "macro.public": "Social::Answer in public",
    "macro.order_number": "Social::Ask for the order number privately",
    "says.private": "The word at the beginning must stay the first word.",
    "text.order_number": "Could you tell us your order number, please? Then we can look into it "
    "at once.",
}

GERMAN: Texts = {
    "made": "Von der Helpdesk-Bridge angelegt; darf geändert werden.",
    "field.network": "Soziales Netzwerk",
    "field.account": "Soziales Konto",
    "field.author": "Verfasser im Netzwerk",
    "field.followers": "Follower des Verfassers",
    "field.profile": "Profil des Verfassers",
    "field.permalink": "Beitrag im Netzwerk",
    "field.language": "Sprache des Beitrags",
    "field.reply_as": "Antworten als",
    "field.reply_by": "Im Netzwerk antworten bis",
    "field.delivery": "Zustellung im Netzwerk",
    "hint.reply_as": "Wer Ihre nächste Antwort liest. Nach jeder Antwort steht es wieder auf "
    "„wie der Kunde schrieb“.",
    "hint.delivery": "Was aus der letzten Antwort wurde.",
    "option.auto": "Wie der Kunde schrieb",
    "option.private": "Private Nachricht",
    "option.public": "Öffentliche Antwort",
    "person.bridge_network": "Soziales Netzwerk",
    "person.bridge_handle": "Name im Netzwerk",
    "person.bridge_followers": "Follower im Netzwerk",
    "person.bridge_profile": "Profil im Netzwerk",
    "view.unanswered_public": "Netzwerke: öffentlich, zu beantworten",
    "view.unanswered_private": "Netzwerke: privat, zu beantworten",
    "view.delivery_problems": "Netzwerke: nicht zugestellte Antworten",
    "view.network": "Netzwerke: {network}",
    "says.unanswered": "Neue und offene Tickets. Senden Sie Antworten als „wartend“ oder „gelöst“: "
    "Das Ticket öffnet sich wieder, wenn der Kunde schreibt.",
    "says.delivery_problems": "Nicht gelöst, und eine Antwort konnte nicht zugestellt werden. "
    "Warum, sagt die Notiz am Ticket.",
    "says.network": "Alles aus diesem Netzwerk, was nicht gelöst ist.",
    "macro.private": "Netzwerke::Privat antworten",
    "macro.public": "Netzwerke::Öffentlich antworten",
    "macro.order_number": "Netzwerke::Privat nach der Bestellnummer fragen",
    "says.private": "Das Wort am Anfang muss das erste bleiben.",
    "text.order_number": "Können Sie uns bitte Ihre Bestellnummer nennen? Dann sehen wir "
    "sofort nach.",
}


def texts(language: str) -> Texts:
    """German for German, English for everybody else."""
    return GERMAN if language.partition("-")[0].lower() == "de" else ENGLISH

"""The sentences in German: one that says what happened, then what to do."""

from __future__ import annotations

_NOT_SENT = "Die Kundin oder der Kunde hat nichts erhalten."

GERMAN = {
    # outcomes of a reply
    "refused": f"{{network}} hat diese Antwort abgelehnt{{said}}. {_NOT_SENT} Bitte ändern und "
    "als neuen Kommentar senden.",
    "expired": "{network} nimmt hier keine Antwort mehr an, weil die Frist abgelaufen "
    f"ist{{brackets}}. {_NOT_SENT} Bitte antworten, sobald wieder eine Nachricht kommt, oder auf "
    "einem anderen Weg.",
    "too_long": f"Diese Antwort ist zu lang für {{network}}{{brackets}}. {_NOT_SENT} Bitte kürzen "
    "und als neuen Kommentar senden.",
    "needs_sign_in": f"{{network}} erkennt unsere Anmeldung nicht mehr an{{brackets}}. {_NOT_SENT} "
    "Bitte das Konto von der Administration neu verbinden lassen und danach #retry als interne "
    "Notiz schreiben.",
    "out_of_credit": "{network} hat die Bridge angehalten, weil das Guthaben für die Nutzung "
    f"aufgebraucht ist{{brackets}}. {_NOT_SENT} Bitte die Administration um Aufladung bitten und "
    "danach #retry als interne Notiz schreiben.",
    "unknown": "{network} hat diese Antwort nicht bestätigt{brackets}; sie kann angekommen sein "
    "oder auch nicht. Bitte im Verlauf nachsehen: Fehlt sie dort, #retry als interne Notiz "
    "schreiben.",
    "gone": f"Was hier beantwortet wird, steht nicht mehr auf {{network}}{{brackets}}. {_NOT_SENT} "
    "Bitte auf eine andere Nachricht antworten oder das Ticket schließen.",
    "closed": "Dieses Ticket ist geschlossen und nimmt keine Kommentare mehr an{brackets}. Das "
    "Gespräch geht in einem Folgeticket weiter: bitte dort antworten.",
    "misconfigured": f"Die Verbindung zu {{network}} ist nicht richtig eingerichtet{{brackets}}. "
    f"{_NOT_SENT} Bitte die Administration darum bitten und danach #retry als interne Notiz "
    "schreiben.",
    "will_retry": "{network} ist im Augenblick nicht erreichbar{brackets}. Die Antwort ist "
    "aufgehoben und wird von selbst noch einmal gesendet; es ist nichts zu tun.",
    "paused": "Unser Konto bei {network} ist von der Administration angehalten. Die Antwort ist "
    "aufgehoben und wird von selbst gesendet, sobald es weitergeht; es ist nichts zu tun.",
    "gave_up": f"{{network}} war einen ganzen Tag lang nicht erreichbar{{brackets}}. {_NOT_SENT} "
    "Passt die Antwort noch, dann bitte #retry als interne Notiz schreiben; sonst einen neuen "
    "Kommentar.",
    "pending_moderation": "{network} hat diese Antwort angenommen und prüft sie, bevor sie "
    "erscheint{brackets}. Es ist nichts zu tun; das Ergebnis steht dann hier.",
    "rejected": "{network} hat diese Antwort angenommen, geprüft und zeigt sie nicht{said}. Bitte "
    "ändern und als neuen Kommentar senden.",
    "delivered_after_retry": "Die Antwort ist nun doch auf {network} angekommen{brackets}. Es ist "
    "nichts zu tun.",
    "empty": f"Es gibt nichts zu senden: Die Antwort hat keinen eigenen Text{{brackets}}. "
    f"{_NOT_SENT} Bitte als neuen Kommentar schreiben, was ankommen soll.",
    "other": "Mit dieser Antwort stimmt etwas nicht{said}. Bitte die Administration fragen und "
    "auf {network} nachsehen, bevor sie noch einmal gesendet wird.",
    # private and public
    "no_private_way": "Dieser Person kann auf {network} keine private Nachricht geschickt "
    f"werden{{said}}. {_NOT_SENT} Bitte öffentlich antworten, mit #public als erstem Wort (ohne "
    "persönliche Daten), und darum bitten, uns privat zu schreiben.",
    "no_way": "Dieser Person kann auf {network} keine private Nachricht geschickt werden{said}. "
    f"{_NOT_SENT} Bitte antworten, wenn sie wieder schreibt, oder auf einem anderen Weg.",
    "no_public_way": f"{{network}} nimmt hier keine öffentliche Antwort an{{brackets}}. {_NOT_SENT}"
    " Bitte privat antworten, mit #dm als erstem Wort.",
    "not_summoned": "{network} lässt Programme nur dort öffentlich antworten, wo der Beitrag unser "
    f"Konto erwähnt oder einen unserer Beiträge zitiert{{brackets}}. {_NOT_SENT} Bitte den Beitrag "
    "auf {network} öffnen und dort antworten, oder von hier aus privat mit #dm als erstem Wort.",
    "live_video": "{network} nimmt von einem Programm keine Antwort auf einen Kommentar zu einem "
    f"Livevideo an{{brackets}}. {_NOT_SENT} Bitte dort antworten, oder von hier aus privat mit #dm "
    "als erstem Wort.",
    "said_before": "{network} nimmt dieselben Worte nicht kurz hintereinander zweimal "
    "an{brackets}. Bitte im Verlauf nachsehen: Fehlt die Antwort dort, ein paar Worte ändern und "
    "als neuen Kommentar senden.",
    "nothing_to_answer": "Hier gibt es keine Nachricht, auf die geantwortet werden "
    f"könnte{{brackets}}. {_NOT_SENT} Bitte antworten, sobald eine eingegangen ist.",
    "went_privately": "Gewünscht war eine öffentliche Antwort, aber die Anfrage kam privat; darum "
    "ging sie auf {network} privat hinaus{brackets}. Ist sie wirklich für alle bestimmt, bitte "
    "noch einmal mit #public als erstem Wort senden.",
    # the notice after a handover
    "notice_refused": "Die Direktnachricht ist angekommen, aber {network} hat den öffentlichen "
    "Hinweis darauf abgelehnt{said}. Sollen andere davon wissen, bitte öffentlich antworten, mit "
    "#public als erstem Wort.",
    "notice_unknown": "Die Direktnachricht ist angekommen, aber {network} hat den öffentlichen "
    "Hinweis darauf nicht bestätigt{brackets}. Bitte im Verlauf nachsehen, bevor dort etwas "
    "geschrieben wird.",
    "dm_failed_no_notice": "Die Direktnachricht konnte auf {network} nicht zugestellt "
    "werden{said}; darum gibt es auch keinen öffentlichen Hinweis. Bitte öffentlich antworten, "
    "mit #public als erstem Wort (ohne persönliche Daten), oder es mit #retry als interner Notiz "
    "noch einmal versuchen.",
    # was das Netzwerk später sagt
    "failed_later": "{network} hat diese Antwort angenommen und später gemeldet, dass sie nicht "
    "angekommen ist{said}. Der Kunde hat sie nicht gelesen. Antworten Sie auf einem anderen Weg "
    "oder schreiben Sie #retry als interne Notiz.",
    "remark_hidden": "Dieser Beitrag ist auf {network} jetzt für die Öffentlichkeit verborgen:",
    "remark_shown": "Dieser Beitrag ist auf {network} wieder öffentlich zu sehen:",
    # Zeitfenster und ihre Auswege
    "expired_template": "{network} nimmt hier keine Antwort mehr an, weil das Zeitfenster "
    f"geschlossen ist{{brackets}}. {_NOT_SENT} Um die genehmigte Vorlage zu senden, die um eine "
    "neue Nachricht bittet, schreiben Sie einen Kommentar mit #template als erstem Wort.",
    "no_template": f"Für {{network}} ist keine Vorlage eingerichtet{{brackets}}. {_NOT_SENT} "
    "Bitten Sie einen Administrator, eine genehmigte zu nennen, oder warten Sie, bis der Kunde "
    "wieder schreibt.",
    "template_refused": f"{{network}} hat die Vorlage abgelehnt{{said}}. {_NOT_SENT} Bitte die "
    "Administration nachsehen lassen, wie sie dort steht.",
    "private_once": "{network} erlaubt eine private Nachricht zu einer öffentlichen, bis der Kunde "
    f"antwortet{{brackets}}; sie ist schon gesendet. {_NOT_SENT} Warten Sie auf die Antwort oder "
    "antworten Sie öffentlich mit #public als erstem Wort.",
    "private_one_message": "Eine private Antwort auf eine öffentliche Nachricht muss auf "
    f"{{network}} eine einzige sein: Worte oder eine Datei{{brackets}}. {_NOT_SENT} Senden Sie, "
    "was wichtiger ist; das andere kann folgen, wenn der Kunde geantwortet hat.",
    # was Bearbeiter über einen Beitrag wissen müssen
    "unanswerable_not_summoned": "{network} lässt ein Programm nur dort öffentlich antworten, wo "
    "der Beitrag unser Konto erwähnt oder einen unserer Beiträge zitiert. Bitte den Beitrag auf "
    "{network} öffnen und dort antworten, oder von hier aus privat mit #dm als erstem Wort.",
    "unanswerable_live_video": "{network} nimmt von einem Programm keine Antwort auf einen "
    "Kommentar zu einem Livevideo an. Bitte dort antworten, oder von hier aus privat mit #dm als "
    "erstem Wort.",
    "label_ad": "Es kam über eine unserer Anzeigen.",
    "label_story_mention": "Wir wurden in einer Story erwähnt. Der Link gilt einen Tag, und nichts "
    "davon darf aufbewahrt werden.",
    "label_story_reply": "Es ist eine Antwort auf eine unserer Storys. Der Link gilt einen Tag, "
    "und nichts davon darf aufbewahrt werden.",
    "label_standby": "Zurzeit antwortet eine andere App diesem Kunden; wir hören nur zu.",
    "label_encrypted": "Die Nachricht ist verschlüsselt: nur die App des Netzwerks zeigt sie.",
    "label_unsupported": "Das Netzwerk zeigt uns diese Art von Nachricht nicht. Sehen Sie sie in "
    "der App des Netzwerks an.",
    # what a platform holds against the account, the words, or the moment
    "needs_permission": f"{{network}} erlaubt unserer App das nicht{{said}}. {_NOT_SENT} Bitte die "
    "Administration die Berechtigungen dort prüfen lassen und danach #retry als interne Notiz "
    "schreiben.",
    "blocked_by_policy": "{network} hält diese Antwort oder unser Konto für einen Verstoß gegen "
    f"die eigenen Regeln{{said}}. {_NOT_SENT} Bitte nicht unverändert noch einmal senden, sondern "
    "die Administration nachsehen lassen, wie das Konto dort steht.",
    "other_tool_answers": "Ein anderes Werkzeug betreut diese Person gerade auf {network}, und nur "
    f"dort kann geantwortet werden{{said}}. {_NOT_SENT} Bitte dort antworten, oder #retry als "
    "interne Notiz schreiben, sobald sie zurückgegeben ist.",
    # files
    "attachment_refused": "{network} nimmt einen Anhang dieser Antwort nicht an{said}. "
    f"{_NOT_SENT} Bitte als neuen Kommentar mit einer anderen Datei oder mit einem Link senden.",
    # commands
    "nothing_to_retry": "In diesem Ticket wartet keine Antwort darauf, noch einmal an {network} "
    "gesendet zu werden{brackets}. Für etwas Neues bitte einen neuen Kommentar schreiben.",
    "retry_waits": "Die Antwort ist noch nicht an {network} hinausgegangen{brackets}. Sie behält "
    "ihren Platz und wird von selbst versucht, bis es gelingt; es ist nichts zu tun.",
    "retry_needs_sign_in": "{network} nimmt unsere Anmeldung noch immer nicht an{brackets}. Die "
    "Antwort geht von selbst hinaus, sobald die Administration das Konto neu verbunden hat; "
    "#retry ist nicht nötig.",
    "retry_paused": "Die Administration hat unser Konto bei {network} angehalten{brackets}. Die "
    "Antwort geht von selbst hinaus, sobald es weitergeht, und #retry kann das nicht "
    "beschleunigen.",
    "help": "So wird auf {network} geantwortet: Ein öffentlicher Kommentar erreicht die Kundin "
    "oder den Kunden so, wie die Nachricht kam, öffentlich oder privat. Mit #dm am Anfang geht er "
    "privat hinaus, mit #public für alle lesbar; dieses Wort wird vorher entfernt. #retry als "
    "interne Notiz sendet die letzte gescheiterte Antwort noch einmal. Interne Notizen werden "
    "nie gesendet.",
    # posts
    "edited": "Der Beitrag wurde auf {network} geändert. Er lautet jetzt:",
    "removed": "Der Beitrag wurde auf {network} entfernt{brackets}. Bitte nicht daraus zitieren.",
    "redacted": "[auf {network} entfernt]",
    "subject": "{network}: {kind} von {author}",
    "edited_before": "Vor der Änderung stand da:",
    "no_text": "[kein Text]",
    "seen_public": "öffentlich",
    "seen_private": "privat: nur der Kunde und wir können es lesen",
    "earlier": "Vorher im Gespräch:",
    "answered_elsewhere": "Hierauf wurde direkt auf {network} geantwortet, nicht über dieses "
    "Ticket:",
    "encrypted": "[Eine verschlüsselte Nachricht ist eingegangen. Sie lässt sich nur auf {network} "
    "lesen: bitte dort öffnen.]",
    "encrypted_sent": "[Wir haben eine verschlüsselte Nachricht gesendet. Sie lässt sich nur auf "
    "{network} lesen.]",
    "kind_post": "Beitrag",
    "kind_comment": "Kommentar",
    "kind_mention": "Erwähnung",
    "kind_reply": "Antwort",
    "kind_repost": "geteilter Beitrag",
    "kind_quote": "Zitat",
    "kind_dm": "private Nachricht",
    "kind_review": "Bewertung",
}

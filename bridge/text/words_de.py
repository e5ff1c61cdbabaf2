"""The sentences in German: one that says what happened, then what to do."""

from __future__ import annotations

NOT_SENT = "Die Kundin oder der Kunde hat nichts erhalten."
PARTLY_SENT = "Die Kundin oder der Kunde hat nur einen Teil davon erhalten."
PERHAPS_SENT = "Ganz oder zum Teil kann die Kundin oder der Kunde sie erhalten haben."

GERMAN = {
    # outcomes of a reply
    "refused": f"{{network}} hat diese Antwort abgelehnt{{said}}. {NOT_SENT} Bitte ändern und "
    "als neuen Kommentar senden.",
    "expired": "{network} nimmt hier keine Antwort mehr an, weil die Frist abgelaufen "
    f"ist{{brackets}}. {NOT_SENT} Bitte antworten, sobald wieder eine Nachricht kommt, oder auf "
    "einem anderen Weg.",
    "too_long": f"Diese Antwort ist zu lang für {{network}}{{brackets}}. {NOT_SENT} Bitte kürzen "
    "und als neuen Kommentar senden.",
    "needs_sign_in": f"{{network}} erkennt unsere Anmeldung nicht mehr an{{brackets}}. {NOT_SENT} "
    "Bitte das Konto von der Administration neu verbinden lassen und danach #retry als interne "
    "Notiz schreiben.",
    "out_of_credit": "{network} hat die Bridge angehalten, weil das Guthaben für die Nutzung "
    f"aufgebraucht ist{{brackets}}. {NOT_SENT} Bitte die Administration um Aufladung bitten und "
    "danach #retry als interne Notiz schreiben.",
    "unknown": "{network} hat diese Antwort nicht bestätigt{brackets}; sie kann angekommen sein "
    "oder auch nicht. Bitte im Verlauf nachsehen: Fehlt sie dort, #retry als interne Notiz "
    "schreiben.",
    "gone": f"Was hier beantwortet wird, steht nicht mehr auf {{network}}{{brackets}}. {NOT_SENT} "
    "Bitte auf eine andere Nachricht antworten oder das Ticket schließen.",
    "closed": "Dieses Ticket ist geschlossen und nimmt keine Kommentare mehr an{brackets}. Das "
    "Gespräch geht in einem Folgeticket weiter: bitte dort antworten.",
    "misconfigured": f"Die Verbindung zu {{network}} ist nicht richtig eingerichtet{{brackets}}. "
    f"{NOT_SENT} Bitte die Administration darum bitten und danach #retry als interne Notiz "
    "schreiben.",
    "will_retry": "{network} ist im Augenblick nicht erreichbar{brackets}. Die Antwort ist "
    "aufgehoben und wird von selbst noch einmal gesendet; es ist nichts zu tun.",
    "paused": "Unser Konto bei {network} ist von der Administration angehalten. Die Antwort ist "
    "aufgehoben und wird von selbst gesendet, sobald es weitergeht; es ist nichts zu tun.",
    "gave_up": f"{{network}} war einen ganzen Tag lang nicht erreichbar{{brackets}}. {NOT_SENT} "
    "Passt die Antwort noch, dann bitte #retry als interne Notiz schreiben; sonst einen neuen "
    "Kommentar.",
    "pending_moderation": "{network} hat diese Antwort angenommen und prüft sie, bevor sie "
    "erscheint{brackets}. Es ist nichts zu tun; das Ergebnis steht dann hier.",
    "rejected": "{network} hat diese Antwort angenommen, geprüft und zeigt sie nicht{said}. Bitte "
    "ändern und als neuen Kommentar senden.",
    "delivered_after_retry": "Die Antwort ist nun doch auf {network} angekommen{brackets}. Es ist "
    "nichts zu tun.",
    "empty": f"Es gibt nichts zu senden: Die Antwort hat keinen eigenen Text{{brackets}}. "
    f"{NOT_SENT} Bitte als neuen Kommentar schreiben, was ankommen soll.",
    "other": "Mit dieser Antwort stimmt etwas nicht{said}. Bitte die Administration fragen und "
    "auf {network} nachsehen, bevor sie noch einmal gesendet wird.",
    # beside a ticket
    "beside_because_dm": "Sie haben #dm geschrieben.",
    "beside_because_template": "Sie haben #template geschrieben.",
    "beside_because_public": "Sie haben #public geschrieben.",
    "beside_because_field_private": "Sie haben eine private Nachricht gewählt.",
    "beside_because_field_public": "Sie haben eine öffentliche Antwort gewählt.",
    "beside_because_overruled": "Sie haben eine öffentliche Antwort gewählt, aber die Anfrage kam "
    "privat.",
    "beside_because_nothing": "In diesem Ticket gibt es nichts zu beantworten.",
    "beside_because_private": "Sie antwortet auf eine private Nachricht.",
    "beside_because_post": "Sie antwortet auf einen öffentlichen Beitrag.",
    "beside_too_long": "Sie ist zu lang für {network}{brackets}. Bitte kürzen.",
    "beside_window_none": "{network} setzt hier keine Frist.",
    "beside_window_open": "Bis dahin nimmt {network} hier eine Antwort an.",
    "beside_window_closed": "Die Frist, in der {network} hier eine Antwort annimmt, ist "
    "abgelaufen.",
    "beside_notice": "Ist die Nachricht angekommen, sagt diese Zeile es allen, die mitlesen.",
    "beside_notice_own": "{network} sagt es selbst allen, die mitlesen.",
    "beside_notice_off": "Wer mitliest, erfährt nichts davon: So hat es die Administration "
    "festgelegt.",
    "beside_notice_gone": "Wer mitliest, erfährt nichts davon: Der Beitrag ist nicht mehr da.",
    "beside_notice_cannot": "Wer mitliest, erfährt nichts davon: {network} nimmt hier keine "
    "öffentliche Antwort an.",
    "beside_waits": "Sie ist unterwegs.",
    "beside_delivered": "Sie ist angekommen.",
    "beside_act_waits": "Es wird gerade erledigt.",
    # held back
    "held": f"Diese öffentliche Antwort ist zurückgehalten{{brackets}}. {NOT_SENT} Lesen Sie, was "
    "gefunden wurde, und entscheiden Sie mit einer internen Notiz.",
    "held_card": "Darin steht anscheinend eine Kartennummer{brackets}.",
    "held_iban": "Darin steht anscheinend eine Kontonummer{brackets}.",
    "held_phone": "Darin steht anscheinend eine Telefonnummer{brackets}.",
    "held_email": "Darin steht anscheinend eine E-Mail-Adresse{brackets}.",
    "held_order_number": "Darin steht anscheinend eine Bestellnummer{brackets}.",
    "held_unchecked": "Sie konnte nicht nach Bestellnummern durchsucht werden{brackets}: Die "
    "Administration sollte das Muster ansehen.",
    "held_command": "Darin steht anscheinend ein Wort, das der Bridge gilt{brackets}: Alle würden "
    "es lesen, und es würde nichts bewirken.",
    "held_tone": "Darin stehen Worte, die wir öffentlich nicht verwenden{said}.",
    "held_beginner": "Die ersten öffentlichen Antworten liest jemand aus dem Team gegen{brackets}.",
    "held_agent": "Öffentliche Antworten dieser Person liest jemand aus dem Team gegen{brackets}.",
    "held_priority": "Öffentliche Antworten in einem Ticket dieser Priorität liest jemand aus dem "
    "Team gegen{brackets}.",
    "held_words": "Öffentliche Antworten mit diesen Worten liest jemand aus dem Team gegen{said}.",
    "held_do": "Schreiben Sie eines davon als interne Notiz: #dm{number} sendet sie stattdessen "
    "privat, #anyway{number} veröffentlicht sie unverändert, #withdraw{number} verwirft sie. Zum "
    "Ändern bitte verwerfen und einen neuen Kommentar schreiben.",
    "held_do_second": "Wer im Team zustimmt, schreibt #approve{number} als interne Notiz; dann "
    "wird sie unverändert veröffentlicht. #dm{number} sendet sie stattdessen privat, "
    "#withdraw{number} verwirft sie. Zum Ändern bitte verwerfen und einen neuen Kommentar "
    "schreiben.",
    "withdrawn": f"Die Antwort ist zurückgezogen{{brackets}}. {NOT_SENT} Für etwas anderes bitte "
    "einen neuen Kommentar schreiben.",
    "dropped": f"Die Administration hat diese Antwort zurückgezogen{{brackets}}. {NOT_SENT} Soll "
    "geantwortet werden, bitte einen neuen Kommentar schreiben.",
    "dropped_unknown": "Die Administration hat diese Antwort zurückgezogen{brackets}. {network} "
    "hatte sie nicht bestätigt; sie kann also veröffentlicht sein oder auch nicht. Bitte im "
    "Verlauf nachsehen, bevor Sie einen neuen Kommentar schreiben.",
    "taken_back": "Diese Antwort wurde geschwärzt oder intern gemacht, bevor sie hinausging"
    f"{{brackets}}; sie ist zurückgezogen. {NOT_SENT} Soll geantwortet werden, bitte einen neuen "
    "Kommentar schreiben.",
    "taken_back_unknown": "Diese Antwort wurde geschwärzt oder intern gemacht{brackets}; sie wird "
    "nicht weiter versucht. Ganz oder zum Teil kann sie auf {network} stehen, wie sie zuerst "
    "geschrieben war. Bitte im Verlauf nachsehen und dort löschen, was niemand lesen soll, bevor "
    "Sie einen neuen Kommentar schreiben.",
    "hold_none": "In diesem Ticket ist keine solche Antwort zurückgehalten{brackets}; es ist "
    "nichts geschehen. Bitte die neuesten Notizen ansehen und die Nummer gleich hinter das Wort "
    "schreiben; um privat zu antworten, beginnen Sie einen öffentlichen Kommentar mit #dm.",
    "hold_decided": "Über diese Antwort ist schon entschieden{brackets}; es ist nichts weiter "
    "geschehen. Bitte die neuesten Notizen ansehen.",
    "hold_needs_second": "Diese Antwort braucht die Zustimmung einer zweiten Person{brackets} und "
    "ist nicht veröffentlicht. Bitten Sie jemanden aus dem Team um #approve als interne Notiz, "
    "oder senden Sie sie mit #dm privat.",
    "hold_same_person": "Die zweite Person muss jemand anderes sein{brackets}; die Antwort ist "
    "nicht veröffentlicht. Bitten Sie jemanden aus dem Team um #approve als interne Notiz.",
    "many_none": "Auf diesem Ticket wartet keine solche Antwort an viele{brackets}, es ist nichts "
    "geschehen. Bitte die neuesten Notizen lesen; ein öffentlicher Kommentar hier ist eine Antwort "
    "an viele und wird zurückgehalten, bis jemand sie bestätigt.",
    "many_count": "Die Zahl der Menschen ist nicht die aus der Notiz, es wurde nichts gesendet. "
    "Bitte lesen, an wen es ginge, und dann als interne Notiz schreiben, was dort steht{brackets}.",
    "many_same_person": "Eine Antwort an viele braucht hier die Zustimmung einer zweiten "
    "Person{brackets}, es wurde nichts gesendet. Bitte jemanden im Team das #answer-all aus der "
    "Notiz schreiben lassen.",
    "many_not_private": f"Viele auf einmal privat zu beantworten geht nicht. {NOT_SENT} Bitte "
    "einen öffentlichen Kommentar ohne #dm schreiben oder auf eigenen Tickets antworten.",
    "many_no_files": f"Eine Antwort an viele trägt keine Dateien. {NOT_SENT} Bitte ohne sie "
    "schreiben, notfalls mit einem Link.",
    "many_taken_back": "Diese Antwort an viele wurde geschwärzt oder intern gemacht, bevor sie "
    "hinausging{brackets}; sie ist zurückgezogen. Sie ging an niemanden. Für etwas anderes bitte "
    "einen neuen Kommentar schreiben.",
    "many_taken_back_late": "Diese Antwort an viele wurde geschwärzt oder intern gemacht, während "
    "sie hinausging{brackets}; was noch nicht gesendet war, wird nicht mehr gesendet. Bitte in den "
    "Netzwerken löschen, was dort niemand lesen soll.",
    "many_went_out": "Bevor dieser Beitrag ein eigenes Ticket hatte, ging öffentlich eine Antwort "
    "an viele darunter hinaus{brackets}. Bitte dort lesen, bevor Sie antworten.",
    "many_may_be_out": "Bevor dieser Beitrag ein eigenes Ticket hatte, wurde öffentlich eine "
    "Antwort an viele darunter gesendet, und niemand weiß, ob sie ankam{brackets}. Bitte dort "
    "nachsehen, bevor Sie antworten.",
    "take_out_none": "Im Sammelticket hier ist kein solcher Beitrag zusammengefasst{brackets}, es "
    "ist nichts geschehen. Seine Nummer (p und Ziffern) steht bei den Beispielen, in der Liste und "
    "in der Konsole unter Storms.",
    "take_out_gone": "Diesen Beitrag gibt es im Netzwerk nicht mehr{brackets}, er ist nicht "
    "herausgenommen. Es gibt nichts mehr zu beantworten.",
    "take_out_not_now": "Gerade wird jemand gelöscht, der hier geschrieben hat{brackets}, es ist "
    "nichts geschehen. Bitte in einigen Minuten noch einmal schreiben.",
    "retry_held": "Die Antwort ist zurückgehalten{brackets}, und #retry kann sie nicht senden. "
    "Entscheiden Sie mit #dm, #anyway, #approve oder #withdraw als interner Notiz.",
    # private and public
    "no_private_way": "Dieser Person kann auf {network} keine private Nachricht geschickt "
    f"werden{{said}}. {NOT_SENT} Bitte öffentlich antworten, mit #public als erstem Wort (ohne "
    "persönliche Daten), und darum bitten, uns privat zu schreiben.",
    "no_way": "Dieser Person kann auf {network} keine private Nachricht geschickt werden{said}. "
    f"{NOT_SENT} Bitte antworten, wenn sie wieder schreibt, oder auf einem anderen Weg.",
    "no_public_way": f"{{network}} nimmt hier keine öffentliche Antwort an{{brackets}}. {NOT_SENT}"
    " Bitte privat antworten, mit #dm als erstem Wort.",
    "not_summoned": "{network} lässt Programme nur dort öffentlich antworten, wo der Beitrag unser "
    f"Konto erwähnt oder einen unserer Beiträge zitiert{{brackets}}. {NOT_SENT} Bitte den Beitrag "
    "auf {network} öffnen und dort antworten, oder von hier aus privat mit #dm als erstem Wort.",
    "live_video": "{network} nimmt von einem Programm keine Antwort auf einen Kommentar zu einem "
    f"Livevideo an{{brackets}}. {NOT_SENT} Bitte dort antworten, oder von hier aus privat mit #dm "
    "als erstem Wort.",
    "said_before": "{network} nimmt dieselben Worte nicht kurz hintereinander zweimal "
    "an{brackets}. Bitte im Verlauf nachsehen: Fehlt die Antwort dort, ein paar Worte ändern und "
    "als neuen Kommentar senden.",
    "nothing_to_answer": "Hier gibt es keine Nachricht, auf die geantwortet werden "
    f"könnte{{brackets}}. {NOT_SENT} Bitte antworten, sobald eine eingegangen ist.",
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
    f"geschlossen ist{{brackets}}. {NOT_SENT} Um die genehmigte Vorlage zu senden, die um eine "
    "neue Nachricht bittet, schreiben Sie einen Kommentar mit #template als erstem Wort.",
    "no_template": f"Für {{network}} ist keine Vorlage eingerichtet{{brackets}}. {NOT_SENT} "
    "Bitten Sie einen Administrator, eine genehmigte zu nennen, oder warten Sie, bis der Kunde "
    "wieder schreibt.",
    "template_refused": f"{{network}} hat die Vorlage abgelehnt{{said}}. {NOT_SENT} Bitte die "
    "Administration nachsehen lassen, wie sie dort steht.",
    "private_once": "{network} erlaubt eine private Nachricht zu einer öffentlichen, bis der Kunde "
    f"antwortet{{brackets}}; sie ist schon gesendet. {NOT_SENT} Warten Sie auf die Antwort oder "
    "antworten Sie öffentlich mit #public als erstem Wort.",
    "private_one_message": "Eine private Antwort auf eine öffentliche Nachricht muss auf "
    f"{{network}} eine einzige sein: Worte oder eine Datei{{brackets}}. {NOT_SENT} Senden Sie, "
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
    "needs_permission": f"{{network}} erlaubt unserer App das nicht{{said}}. {NOT_SENT} Bitte die "
    "Administration die Berechtigungen dort prüfen lassen und danach #retry als interne Notiz "
    "schreiben.",
    "blocked_by_policy": "{network} hält diese Antwort oder unser Konto für einen Verstoß gegen "
    f"die eigenen Regeln{{said}}. {NOT_SENT} Bitte nicht unverändert noch einmal senden, sondern "
    "die Administration nachsehen lassen, wie das Konto dort steht.",
    "other_tool_answers": "Ein anderes Werkzeug betreut diese Person gerade auf {network}, und nur "
    f"dort kann geantwortet werden{{said}}. {NOT_SENT} Bitte dort antworten, oder #retry als "
    "interne Notiz schreiben, sobald sie zurückgegeben ist.",
    # files
    "attachment_refused": "{network} nimmt einen Anhang dieser Antwort nicht an{said}. "
    f"{NOT_SENT} Bitte als neuen Kommentar mit einer anderen Datei oder mit einem Link senden.",
    # saved replies
    "placeholder_unknown": "Diese Antwort enthält einen Platzhalter, der sich nicht füllen "
    f"lässt{{said}}. {NOT_SENT} Bitte berichtigen und als neuen Kommentar senden.",
    "placeholder_empty": "Für einen Platzhalter dieser Antwort gibt es hier nichts "
    f"einzusetzen{{said}}. {NOT_SENT} Bitte die Worte selbst schreiben oder nach einem Strich "
    "angeben, was stattdessen dort steht, etwa [[first_name|liebe Kundin, lieber Kunde]], und als "
    "neuen Kommentar senden.",
    # what the bridge says by itself, and what was promised
    "said_away": "Wir haben geschlossen; auf {network} ging deshalb unsere Abwesenheitsnachricht "
    "hinaus{said}. Die Nachricht selbst wartet noch auf eine Antwort.",
    "said_acknowledge": "Auf {network} wurde bestätigt, dass die Nachricht angekommen ist{said}. "
    "Sie selbst wartet noch auf eine Antwort.",
    "nudge_target": "Die Zeit, in der wir auf {network} eine Antwort versprechen, ist bald "
    "um{brackets}. Bitte jetzt antworten oder mitteilen, wann Sie es tun.",
    "nudge_window": "{network} nimmt hier bald keine Antwort mehr an, weil das Zeitfenster "
    "schließt{brackets}. Bitte vorher antworten, und sei es nur, dass Sie sich darum kümmern.",
    "rated": "Unsere Antwort auf {network} wurde bewertet{said}. Es ist nichts zu tun.",
    # commands
    "answers_erased": f"Über diesem Kommentar steht, was jemand schrieb, der gelöscht "
    f"wurde{{brackets}}. {NOT_SENT} Gilt er der Person davor, bitte noch einmal schreiben.",
    "answers_merged": "Mit diesem Ticket wurde ein anderes zusammengeführt, und was dort steht, "
    f"kann privat sein, oder von jemand anderem. {NOT_SENT} Bitte noch einmal schreiben: mit #dm "
    "als erstem Wort, um privat zu antworten{brackets}, oder mit #public (ohne persönliche Daten) "
    "für alle lesbar.",
    "only_in_notes": f"Eine Antwort, die mit diesem Wort beginnt, wird nicht gesendet{{brackets}}. "
    f"{NOT_SENT} Schreiben Sie das Wort als interne Notiz, oder beginnen Sie die Antwort anders.",
    "nothing_to_retry": "In diesem Ticket wartet keine Antwort darauf, noch einmal an {network} "
    "gesendet zu werden{brackets}. Für etwas Neues bitte einen neuen Kommentar schreiben.",
    "retry_overtaken": "Nach der gescheiterten Antwort{brackets} wurde eine weitere geschrieben; "
    "#retry hat sie deshalb nicht noch einmal gesendet. Soll sie dennoch an {network} hinausgehen, "
    "bitte #retry und diese Nummer als interne Notiz schreiben.",
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
    "interne Notiz sendet die letzte Antwort noch einmal, wenn sie gescheitert ist. Interne "
    "Notizen werden nie gesendet.",
    # acts on posts
    "act_done_like": "Dieser Beitrag ist auf {network} jetzt mit „Gefällt mir“ "
    "markiert{brackets}. Es ist nichts zu tun.",
    "act_done_unlike": "Unser „Gefällt mir“ auf {network} ist zurückgenommen{brackets}. Es ist "
    "nichts zu tun.",
    "act_done_hide": "Wir haben diesen Beitrag auf {network} verborgen{brackets}. Um ihn wieder zu "
    "zeigen, bitte #unhide als interne Notiz schreiben.",
    "act_done_unhide": "Dieser Beitrag ist auf {network} wieder zu lesen{brackets}. Es ist nichts "
    "zu tun.",
    "act_done_delete": "Wir haben diesen Beitrag auf {network} gelöscht{brackets}. Er lässt sich "
    "dort nicht zurückholen, und es ist nichts zu tun.",
    "act_done_block": "Wir haben diese Person auf {network} blockiert{brackets}. Um das "
    "aufzuheben, bitte #unblock als interne Notiz schreiben.",
    "act_done_unblock": "Diese Person ist auf {network} nicht mehr blockiert{brackets}. Es ist "
    "nichts zu tun.",
    "act_refused": "{network} hat das abgelehnt{said}. Dort wurde nichts geändert. Bitte auf "
    "{network} selbst erledigen, falls es sein muss.",
    "act_needs_permission": "{network} erlaubt das unserer App nicht{said}. Dort wurde nichts "
    "geändert. Bitte die Administration die Berechtigungen prüfen lassen und danach die Notiz noch "
    "einmal schreiben.",
    "act_waits": "{network} nimmt das im Augenblick nicht entgegen{said}. Es geschieht von selbst, "
    "sobald es möglich ist; es ist nichts zu tun.",
    "act_paused": "Die Administration hat unser Konto bei {network} angehalten{brackets}. Was Sie "
    "angewiesen haben, geschieht von selbst, sobald es weitergeht; es ist nichts zu tun.",
    "act_gave_up": "{network} war dafür einen ganzen Tag lang nicht zu erreichen{said}. Dort wurde "
    "nichts geändert. Ist es noch sinnvoll, dann bitte die Notiz noch einmal schreiben.",
    "act_unknown": "{network} hat das nicht bestätigt{brackets}; es kann geschehen sein oder auch "
    "nicht. Bitte dort nachsehen: Hat sich nichts geändert, die Notiz noch einmal schreiben.",
    "act_gone": "Dieser Beitrag ist auf {network} nicht mehr da{brackets}; es wurde nichts mit ihm "
    "gemacht. Es ist nichts zu tun.",
    "act_not_here": "Einen solchen Beitrag gibt es in diesem Ticket nicht{brackets}; auf {network} "
    "wurde nichts geändert. Bitte die Nummer gleich hinter das Wort schreiben, wie die "
    "Seitenleiste sie zeigt, oder weglassen: dann ist der letzte Beitrag über Ihrer Notiz gemeint.",
    "act_not_possible": "{network} lässt uns das mit diesem Beitrag nicht tun. Was hier "
    "geht{said}. Bitte eines davon als interne Notiz schreiben oder es auf {network} selbst "
    "erledigen.",
    "act_none_possible": "{network} lässt uns diesen Beitrag nur beantworten{brackets}. Bitte auf "
    "{network} selbst erledigen, falls es sein muss.",
    "act_needs_reason": "Verbergen, Löschen und Blockieren auf {network} brauchen eine Begründung; "
    "es wurde nichts getan. Bitte die Notiz noch einmal mit der Begründung dahinter "
    "schreiben{said}.",
    "act_needs_second": "Löschen auf {network} braucht eine zweite Person; es ist noch nichts "
    "geschehen{brackets}. Eine andere Person stimmt zu, indem sie #approve als interne Notiz "
    "schreibt.",
    "act_same_person": "Die zweite Person muss jemand anderes sein{brackets}; auf {network} ist "
    "noch nichts geschehen. Bitte jemand anderen #approve als interne Notiz schreiben lassen.",
    "act_nothing_to_approve": "In diesem Ticket wartet nichts auf eine zweite Person, bevor es an "
    "{network} geht{brackets}. Bitte in den neuesten Notizen nachsehen, was daraus geworden ist.",
    "named_like": "Gefällt mir",
    "named_unlike": "„Gefällt mir“ zurücknehmen",
    "named_hide": "verbergen",
    "named_unhide": "wieder zeigen",
    "named_delete": "löschen",
    "named_block": "Person blockieren",
    "named_unblock": "Blockierung aufheben",
    # who is one customer
    "same_joined": "Das ist jetzt ein Kunde{said}. Was er anderswo schrieb, steht in der "
    "Seitenleiste; zum Zurücknehmen #notsame{number} als interne Notiz schreiben.",
    "same_parted": "Das sind jetzt zwei Kunden{brackets}. Um sie wieder zu "
    "verbinden, #same{number} als interne Notiz schreiben.",
    "same_already": "Das war schon vorher ein Kunde{said}; es wurde nichts getan. Es ist nichts zu "
    "tun.",
    "same_through": "Das ist noch immer ein Kunde, weil andere die beiden verbinden{said}. Bitte "
    "#notsame in einem Ticket von einem der anderen schreiben oder die Administration fragen, die "
    "jede Verbindung sieht.",
    "same_none": "Die beiden waren nie verbunden{brackets}; es wurde nichts getan. Es ist nichts "
    "zu tun.",
    "same_nobody": "Niemand, der uns geschrieben hat, heißt so{brackets}; es wurde nichts getan. "
    "Bitte #same oder #notsame mit einem Link zum Profil, einem Namen mit Netzwerk wie ada@x oder "
    "einer Nummer wie identity_12 als interne Notiz schreiben.",
    "same_several": "Mehrere heißen so{said}; es wurde nichts getan. Bitte die Notiz noch einmal "
    "mit einer dieser Nummern schreiben.",
    "same_self": "Von dieser Person ist dieses Ticket{brackets}; es wurde nichts getan. Bitte die "
    "Notiz noch einmal schreiben und die andere nennen.",
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

"""The sentences in English: one that says what happened, then what to do."""

from __future__ import annotations

_NOT_SENT = "Nothing was sent to the customer."

ENGLISH = {
    # outcomes of a reply
    "refused": f"{{network}} refused this reply{{said}}. {_NOT_SENT} Change the reply and send it "
    "as a new comment.",
    "expired": "{network} no longer takes an answer here, because its time window has "
    f"closed{{brackets}}. {_NOT_SENT} Answer once the customer writes again, or by another way.",
    "too_long": f"This reply is too long for {{network}}{{brackets}}. {_NOT_SENT} Shorten it and "
    "send it as a new comment.",
    "needs_sign_in": f"{{network}} no longer accepts our sign-in{{brackets}}. {_NOT_SENT} Ask an "
    "administrator to connect the account again, then write #retry as an internal note.",
    "out_of_credit": f"{{network}} has stopped the bridge, because what was paid for its use is "
    f"used up{{brackets}}. {_NOT_SENT} Ask an administrator to pay in more, then write #retry as "
    "an internal note.",
    "unknown": "{network} did not confirm this reply{brackets}, so it may or may not have been "
    "posted. Look at the thread: if the reply is missing, write #retry as an internal note.",
    "gone": f"What this reply answers is no longer on {{network}}{{brackets}}. {_NOT_SENT} Answer "
    "another message of the customer, or close the ticket.",
    "closed": "This ticket is closed and takes no more comments{brackets}. The conversation goes "
    "on in a follow-up ticket: answer there.",
    "misconfigured": f"The connection to {{network}} is not set up properly{{brackets}}. "
    f"{_NOT_SENT} Ask an administrator to mend it, then write #retry as an internal note.",
    "will_retry": "{network} cannot be reached at the moment{brackets}. The reply is kept and "
    "sent again by itself; there is nothing to do.",
    "paused": "An administrator has paused our account on {network}. The reply is kept and sent by "
    "itself once the account is resumed; there is nothing to do.",
    "gave_up": f"{{network}} could not be reached for a whole day{{brackets}}. {_NOT_SENT} If the "
    "answer still makes sense, write #retry as an internal note; else write a new comment.",
    "pending_moderation": "{network} took this reply and checks it before showing it{brackets}. "
    "There is nothing to do; you will read here how it ends.",
    "rejected": "{network} took this reply, checked it and will not show it{said}. Change the "
    "reply and send it as a new comment.",
    "delivered_after_retry": "The reply was delivered to {network} after all{brackets}. There is "
    "nothing to do.",
    "empty": f"There is nothing to send: the reply has no text of its own{{brackets}}. {_NOT_SENT} "
    "Write what the customer should read, as a new comment.",
    "other": "Something about this reply needs a look{said}. Ask an administrator, and check "
    "{network} before you send it again.",
    # private and public
    "no_private_way": "This person cannot be sent a private message on {network}{said}. "
    f"{_NOT_SENT} Answer in public with #public as the first word (without personal data), and "
    "ask them to write to us privately.",
    "no_way": "This person cannot be sent a private message on {network}{said}. "
    f"{_NOT_SENT} Answer once they write again, or by another way.",
    "no_public_way": f"{{network}} takes no public answer here{{brackets}}. {_NOT_SENT} Answer "
    "privately with #dm as the first word.",
    "not_summoned": "{network} lets a program answer in public only where the author mentions our "
    f"account or quotes one of our posts{{brackets}}. {_NOT_SENT} Open the post on {{network}} and "
    "answer there, or privately from here with #dm as the first word.",
    "live_video": "{network} takes no answer from a program to a comment on a live "
    f"video{{brackets}}. {_NOT_SENT} Answer there, or privately from here with #dm as the first "
    "word.",
    "said_before": "{network} does not take the same words twice in a short time{brackets}. Look "
    "at the thread: if the reply is missing there, change a few words and send it as a new "
    "comment.",
    "nothing_to_answer": "There is no message of the customer that this reply could "
    f"answer{{brackets}}. {_NOT_SENT} Answer once they have written.",
    "went_privately": "You asked for a public answer, but the customer wrote privately, so it was "
    "sent privately on {network}{brackets}. If it really is for everyone, send it again with "
    "#public as the first word.",
    # the notice after a handover
    "notice_refused": "The direct message was delivered, but {network} refused the public line "
    "that says so{said}. If readers should know, answer in public with #public as the first word.",
    "notice_unknown": "The direct message was delivered, but {network} did not confirm the public "
    "line that says so{brackets}. Look at the thread before you post anything there yourself.",
    "dm_failed_no_notice": "The direct message could not be delivered on {network}{said}, so the "
    "public thread was not told anything either. Answer in public with #public as the first word "
    "(without personal data), or try again with #retry as an internal note.",
    # what the network tells later
    "failed_later": "{network} took this reply, and told us later that it did not arrive{said}. "
    "The customer has not read it. Answer by another way, or write #retry as an internal note.",
    "remark_hidden": "This post is now hidden from the public on {network}:",
    "remark_shown": "This post is shown to the public on {network} again:",
    # windows and their ways out
    "expired_template": "{network} no longer takes an answer here, because its time window has "
    f"closed{{brackets}}. {_NOT_SENT} To send the approved template that asks them to write to us "
    "again, write a comment with #template as the first word.",
    "no_template": f"No template is set up for {{network}}{{brackets}}. {_NOT_SENT} Ask an "
    "administrator to name an approved one, or wait until the customer writes again.",
    "template_refused": f"{{network}} refused the template{{said}}. {_NOT_SENT} Ask an "
    "administrator to look at how it stands there.",
    "private_once": f"{{network}} allows one private message to a public one until the customer "
    f"answers it{{brackets}}, and that has been sent. {_NOT_SENT} Wait for their answer, or answer "
    "in public with #public as the first word.",
    "private_one_message": "A private answer to a public message must be a single one on "
    f"{{network}}: either words or one file{{brackets}}. {_NOT_SENT} Send the one that matters "
    "most; the other can follow once the customer has answered.",
    # what agents must know of a post
    "unanswerable_not_summoned": "{network} lets a program answer in public only where the author "
    "mentions our account or quotes one of our posts. Open the post on {network} and answer there, "
    "or privately from here with #dm as the first word.",
    "unanswerable_live_video": "{network} takes no answer from a program to a comment on a live "
    "video. Answer there, or privately from here with #dm as the first word.",
    "label_ad": "It came by one of our ads.",
    "label_story_mention": "They mentioned us in a story. The link works for a day, and nothing of "
    "it may be kept.",
    "label_story_reply": "They answered one of our stories. The link works for a day, and nothing "
    "of it may be kept.",
    "label_standby": "Another app is answering this customer at the moment; we only listen.",
    "label_encrypted": "It is encrypted: only the network's own app can show it.",
    "label_unsupported": "The network does not show this kind of message to us. Look at it in the "
    "network's own app.",
    # what a platform holds against the account, the words, or the moment
    "needs_permission": f"{{network}} does not allow our app to do this{{said}}. {_NOT_SENT} Ask "
    "an administrator to check its permissions there, then write #retry as an internal note.",
    "blocked_by_policy": "{network} takes this reply, or our account, for a breach of its "
    f"rules{{said}}. {_NOT_SENT} Do not send it again as it is; ask an administrator to look at "
    "how the account stands there.",
    "other_tool_answers": "Another tool has taken over this customer on {network}, and only it can "
    f"answer{{said}}. {_NOT_SENT} Answer there, or write #retry as an internal note once it has "
    "handed them back.",
    # files
    "attachment_refused": "{network} does not take an attachment of this reply{said}. "
    f"{_NOT_SENT} Send it as a new comment with another file, or with a link instead.",
    # commands
    "nothing_to_retry": "No reply on this ticket waits to be sent to {network} "
    "again{brackets}. To say something new, write a new comment.",
    "retry_waits": "The reply has not gone out to {network} yet{brackets}. It keeps its place and "
    "is tried by itself until it does; there is nothing to do.",
    "retry_needs_sign_in": "{network} still does not accept our sign-in{brackets}. The reply goes "
    "out by itself once an administrator has connected the account again; there is no need to "
    "write #retry.",
    "retry_paused": "An administrator has paused our account on {network}{brackets}. The reply "
    "goes out by itself once the account is resumed, and #retry cannot hurry it.",
    "help": "How to answer on {network}: a public comment goes to the customer the way they wrote "
    "to us, in public or privately. Begin it with #dm to answer privately, or with #public to "
    "answer for everyone to read; that word is taken out before sending. Write #retry as an "
    "internal note to send the last failed reply again. Internal notes are never sent.",
    # posts
    "edited": "The post was edited on {network}. It now reads:",
    "removed": "The post was removed on {network}{brackets}. Please do not quote it in an answer.",
    "redacted": "[removed on {network}]",
    "subject": "{network} {kind} from {author}",
    "edited_before": "Before the edit it read:",
    "no_text": "[no text]",
    "seen_public": "public",
    "seen_private": "private: only the customer and we can read it",
    "earlier": "Earlier in the thread:",
    "answered_elsewhere": "This was answered on {network} directly, not from this ticket:",
    "encrypted": "[An encrypted message has arrived. It can only be read on {network}: please open "
    "it there.]",
    "encrypted_sent": "[We sent an encrypted message. It can only be read on {network}.]",
    "kind_post": "post",
    "kind_comment": "comment",
    "kind_mention": "mention",
    "kind_reply": "reply",
    "kind_repost": "repost",
    "kind_quote": "quote",
    "kind_dm": "private message",
    "kind_review": "review",
}

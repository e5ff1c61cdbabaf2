"""The sentences in English: one that says what happened, then what to do."""

from __future__ import annotations

NOT_SENT = "Nothing was sent to the customer."
PARTLY_SENT = "Only part of it was sent to the customer."
PERHAPS_SENT = "All or part of it may have been sent to the customer."

ENGLISH = {
    # outcomes of a reply
    "refused": f"{{network}} refused this reply{{said}}. {NOT_SENT} Change the reply and send it "
    "as a new comment.",
    "expired": "{network} no longer takes an answer here, because its time window has "
    f"closed{{brackets}}. {NOT_SENT} Answer once the customer writes again, or by another way.",
    "too_long": f"This reply is too long for {{network}}{{brackets}}. {NOT_SENT} Shorten it and "
    "send it as a new comment.",
    "needs_sign_in": f"{{network}} no longer accepts our sign-in{{brackets}}. {NOT_SENT} Ask an "
    "administrator to connect the account again, then write #retry as an internal note.",
    "out_of_credit": f"{{network}} has stopped the bridge, because what was paid for its use is "
    f"used up{{brackets}}. {NOT_SENT} Ask an administrator to pay in more, then write #retry as "
    "an internal note.",
    "unknown": "{network} did not confirm this reply{brackets}, so it may or may not have been "
    "posted. Look at the thread: if the reply is missing, write #retry as an internal note.",
    "gone": f"What this reply answers is no longer on {{network}}{{brackets}}. {NOT_SENT} Answer "
    "another message of the customer, or close the ticket.",
    "closed": "This ticket is closed and takes no more comments{brackets}. The conversation goes "
    "on in a follow-up ticket: answer there.",
    "misconfigured": f"The connection to {{network}} is not set up properly{{brackets}}. "
    f"{NOT_SENT} Ask an administrator to mend it, then write #retry as an internal note.",
    "will_retry": "{network} cannot be reached at the moment{brackets}. The reply is kept and "
    "sent again by itself; there is nothing to do.",
    "paused": "An administrator has paused our account on {network}. The reply is kept and sent by "
    "itself once the account is resumed; there is nothing to do.",
    "gave_up": f"{{network}} could not be reached for a whole day{{brackets}}. {NOT_SENT} If the "
    "answer still makes sense, write #retry as an internal note; else write a new comment.",
    "pending_moderation": "{network} took this reply and checks it before showing it{brackets}. "
    "There is nothing to do; you will read here how it ends.",
    "rejected": "{network} took this reply, checked it and will not show it{said}. Change the "
    "reply and send it as a new comment.",
    "delivered_after_retry": "The reply was delivered to {network} after all{brackets}. There is "
    "nothing to do.",
    "empty": f"There is nothing to send: the reply has no text of its own{{brackets}}. {NOT_SENT} "
    "Write what the customer should read, as a new comment.",
    "other": "Something about this reply needs a look{said}. Ask an administrator, and check "
    "{network} before you send it again.",
    # beside a ticket
    "beside_because_dm": "You wrote #dm.",
    "beside_because_template": "You wrote #template.",
    "beside_because_public": "You wrote #public.",
    "beside_because_field_private": "You chose a private message.",
    "beside_because_field_public": "You chose a public reply.",
    "beside_because_overruled": "You chose a public reply, but the customer wrote privately.",
    "beside_because_nothing": "There is nothing on the ticket to answer.",
    "beside_because_private": "It answers a private message.",
    "beside_because_post": "It answers a public post.",
    "beside_too_long": "It is too long for {network}{brackets}. Shorten it.",
    "beside_window_none": "{network} sets no time limit here.",
    "beside_window_open": "{network} takes an answer here until then.",
    "beside_window_closed": "The time in which {network} takes an answer here has passed.",
    "beside_notice": "Once the message has arrived, this line tells the readers of the thread.",
    "beside_notice_own": "{network} itself tells the readers of the thread.",
    "beside_notice_off": "The readers of the thread are not told: an administrator decided so.",
    "beside_notice_gone": "The readers of the thread are not told: the post is gone.",
    "beside_notice_cannot": "The readers of the thread are not told: {network} takes no public "
    "answer here.",
    "beside_waits": "It is on its way.",
    "beside_delivered": "It has arrived.",
    "beside_act_waits": "It is being done.",
    # held back
    "held": f"This public answer has been held back{{brackets}}. {NOT_SENT} Read what was found, "
    "and decide with an internal note.",
    "held_card": "There seems to be a card number in it{brackets}.",
    "held_iban": "There seems to be a bank account number in it{brackets}.",
    "held_phone": "There seems to be a telephone number in it{brackets}.",
    "held_email": "There seems to be an e-mail address in it{brackets}.",
    "held_order_number": "There seems to be an order number in it{brackets}.",
    "held_unchecked": "It could not be searched for order numbers{brackets}: an administrator "
    "should look at the pattern.",
    "held_command": "There seems to be a word in it that is meant for the bridge{brackets}: "
    "readers would see it, and it would do nothing.",
    "held_tone": "There are words in it that we do not use in public{said}.",
    "held_beginner": "The first public answers of an agent are read by a colleague{brackets}.",
    "held_agent": "Public answers of this agent are read by a colleague{brackets}.",
    "held_priority": "Public answers on a ticket of this priority are read by a "
    "colleague{brackets}.",
    "held_words": "Public answers with these words are read by a colleague{said}.",
    "held_do": "Write one of these as an internal note: #dm{number} sends it privately instead, "
    "#anyway{number} posts it as it is, #withdraw{number} drops it. To change it, withdraw it and "
    "write a new comment.",
    "held_do_second": "A colleague who agrees writes #approve{number} as an internal note, and it "
    "is posted as it is. #dm{number} sends it privately instead, #withdraw{number} drops it. To "
    "change it, withdraw it and write a new comment.",
    "withdrawn": f"The answer has been withdrawn{{brackets}}. {NOT_SENT} To say something else, "
    "write a new comment.",
    "dropped": f"An administrator has withdrawn this answer{{brackets}}. {NOT_SENT} If the "
    "customer is to have an answer, write a new comment.",
    "dropped_unknown": "An administrator has withdrawn this answer{brackets}. {network} had not "
    "confirmed it, so it may or may not have been posted. Look at the thread before you write a "
    "new comment.",
    "taken_back": "This answer was redacted or made internal before it went out{brackets}, so it "
    f"has been withdrawn. {NOT_SENT} If the customer is to have an answer, write a new comment.",
    "taken_back_unknown": "This answer was redacted or made internal{brackets}, so it is not tried "
    "any more. All or part of it may stand on {network} as it was first written. Look at the "
    "thread and delete there what should not be read, before you write a new comment.",
    "hold_none": "No such answer on this ticket is held back{brackets}, so nothing was done. Look "
    "at the newest notes and write its number right behind the word; to answer privately, begin a "
    "public comment with #dm.",
    "hold_decided": "About this answer it has been decided already{brackets}, so nothing more was "
    "done. Look at the newest notes to see what has become of it.",
    "hold_needs_second": "This answer needs a second person's yes{brackets}, so it has not been "
    "posted. Ask a colleague to write #approve as an internal note, or send it privately with #dm.",
    "hold_same_person": "The second person must be somebody else{brackets}, so it has not been "
    "posted. Ask a colleague to write #approve as an internal note.",
    "many_none": "No such answer to many waits on this ticket{brackets}, so nothing was done. Look "
    "at the newest notes; a public comment here is an answer to many and is held until somebody "
    "confirms it.",
    "many_count": "The number of people is not the one that the note tells, so nothing was sent. "
    "Read whom it would go to, then write as an internal note what stands there{brackets}.",
    "many_same_person": "An answer to many needs a second person's yes here{brackets}, so nothing "
    "was sent. Ask a colleague to write the #answer-all of the note.",
    "many_not_private": f"Many cannot be answered privately at once. {NOT_SENT} Write a "
    "public comment without #dm, or answer people on tickets of their own.",
    "many_no_files": f"An answer to many carries no files. {NOT_SENT} Write it without them, with "
    "a link if need be.",
    "many_taken_back": "This answer to many was redacted or made internal before it went "
    "out{brackets}, so it has been withdrawn. It was sent to nobody. To say something else, write "
    "a new comment.",
    "many_taken_back_late": "This answer to many was redacted or made internal while it went "
    "out{brackets}, so what was not sent yet is not sent any more. Delete on the networks what "
    "nobody should read there.",
    "many_went_out": "Before this post had a ticket of its own, an answer to many went out under "
    "it in public{brackets}. Read it there before you answer.",
    "many_may_be_out": "Before this post had a ticket of its own, an answer to many was sent under "
    "it in public, and nobody knows whether it arrived{brackets}. Look there before you answer.",
    "take_out_none": "No such post is folded into the incident on this ticket{brackets}, so "
    "nothing was done. Its number (p and digits) stands with the samples, in the list, and in the "
    "console under Storms.",
    "take_out_gone": "This post is gone from its network{brackets}, so it has not been taken out. "
    "There is nothing left to answer.",
    "take_out_not_now": "Somebody who wrote here is being erased at this moment{brackets}, so "
    "nothing was done. Write it once more in a few minutes.",
    "retry_held": "The answer is held back{brackets}, and #retry cannot send it. Decide with "
    "#dm, #anyway, #approve or #withdraw as an internal note.",
    # private and public
    "no_private_way": "This person cannot be sent a private message on {network}{said}. "
    f"{NOT_SENT} Answer in public with #public as the first word (without personal data), and "
    "ask them to write to us privately.",
    "no_way": "This person cannot be sent a private message on {network}{said}. "
    f"{NOT_SENT} Answer once they write again, or by another way.",
    "no_public_way": f"{{network}} takes no public answer here{{brackets}}. {NOT_SENT} Answer "
    "privately with #dm as the first word.",
    "not_summoned": "{network} lets a program answer in public only where the author mentions our "
    f"account or quotes one of our posts{{brackets}}. {NOT_SENT} Open the post on {{network}} and "
    "answer there, or privately from here with #dm as the first word.",
    "live_video": "{network} takes no answer from a program to a comment on a live "
    f"video{{brackets}}. {NOT_SENT} Answer there, or privately from here with #dm as the first "
    "word.",
    "said_before": "{network} does not take the same words twice in a short time{brackets}. Look "
    "at the thread: if the reply is missing there, change a few words and send it as a new "
    "comment.",
    "nothing_to_answer": "There is no message of the customer that this reply could "
    f"answer{{brackets}}. {NOT_SENT} Answer once they have written.",
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
    f"closed{{brackets}}. {NOT_SENT} To send the approved template that asks them to write to us "
    "again, write a comment with #template as the first word.",
    "no_template": f"No template is set up for {{network}}{{brackets}}. {NOT_SENT} Ask an "
    "administrator to name an approved one, or wait until the customer writes again.",
    "template_refused": f"{{network}} refused the template{{said}}. {NOT_SENT} Ask an "
    "administrator to look at how it stands there.",
    "private_once": f"{{network}} allows one private message to a public one until the customer "
    f"answers it{{brackets}}, and that has been sent. {NOT_SENT} Wait for their answer, or answer "
    "in public with #public as the first word.",
    "private_one_message": "A private answer to a public message must be a single one on "
    f"{{network}}: either words or one file{{brackets}}. {NOT_SENT} Send the one that matters "
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
    "needs_permission": f"{{network}} does not allow our app to do this{{said}}. {NOT_SENT} Ask "
    "an administrator to check its permissions there, then write #retry as an internal note.",
    "blocked_by_policy": "{network} takes this reply, or our account, for a breach of its "
    f"rules{{said}}. {NOT_SENT} Do not send it again as it is; ask an administrator to look at "
    "how the account stands there.",
    "other_tool_answers": "Another tool has taken over this customer on {network}, and only it can "
    f"answer{{said}}. {NOT_SENT} Answer there, or write #retry as an internal note once it has "
    "handed them back.",
    # files
    "attachment_refused": "{network} does not take an attachment of this reply{said}. "
    f"{NOT_SENT} Send it as a new comment with another file, or with a link instead.",
    # saved replies
    "placeholder_unknown": "This reply holds a placeholder that cannot be filled in{said}. "
    f"{NOT_SENT} Correct it and send the reply as a new comment.",
    "placeholder_empty": "A placeholder in this reply has nothing to stand for here{said}. "
    f"{NOT_SENT} Write the words yourself, or say after a bar what stands there instead, as in "
    "[[first_name|there]], and send the reply as a new comment.",
    # what the bridge says by itself, and what was promised
    "said_away": "We are closed, so the customer was sent our away message on {network}{said}. "
    "Their own message still waits for an answer.",
    "said_acknowledge": "The customer was told on {network} that their message has "
    "arrived{said}. The message itself still waits for an answer.",
    "nudge_target": "The time within which we promise an answer on {network} is nearly "
    "over{brackets}. Answer now, or tell the customer when you will.",
    "nudge_window": "{network} soon takes no more answers to this customer, because its time "
    "window closes{brackets}. Answer before that, even if only to say that you are looking into "
    "it.",
    "rated": "The customer on {network} has rated our answer{said}. There is nothing to do.",
    # commands
    "answers_erased": f"What stands above this comment is from somebody who has been "
    f"erased{{brackets}}. {NOT_SENT} If it is for whoever wrote before that, write it once more.",
    "answers_merged": "Another ticket was merged into this one, and what came with it may be "
    f"private, or from somebody else. {NOT_SENT} Write it once more with #dm as the first word to "
    "answer privately{brackets}, or with #public (without personal data) for everyone to read.",
    "only_in_notes": f"An answer that begins with this word is not sent{{brackets}}. {NOT_SENT} "
    "Write the word as an internal note, or begin the answer with another one.",
    "nothing_to_retry": "No reply on this ticket waits to be sent to {network} "
    "again{brackets}. To say something new, write a new comment.",
    "retry_overtaken": "Another reply was written after the one that failed{brackets}, so #retry "
    "did not send it again. If it must still go out to {network}, write #retry and that number as "
    "an internal note.",
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
    "internal note to send the last reply again if it failed. Internal notes are never sent.",
    # acts on posts
    "act_done_like": "We like this message on {network} now{brackets}. There is nothing to do.",
    "act_done_unlike": "Our like of this message on {network} is taken back{brackets}. There is "
    "nothing to do.",
    "act_done_hide": "We have hidden this message on {network}{brackets}. To show it again, write "
    "#unhide as an internal note.",
    "act_done_unhide": "We have made this message readable on {network} again{brackets}. There is "
    "nothing to do.",
    "act_done_delete": "We have deleted this message on {network}{brackets}. It cannot be brought "
    "back there, and there is nothing to do.",
    "act_done_block": "We have blocked this person on {network}{brackets}. To let them in again, "
    "write #unblock as an internal note.",
    "act_done_unblock": "This person is no longer blocked on {network}{brackets}. There is nothing "
    "to do.",
    "act_refused": "{network} refused to do this{said}. Nothing was changed there. Do it on "
    "{network} itself if it must be done.",
    "act_needs_permission": "{network} does not allow our app to do this{said}. Nothing was "
    "changed there. Ask an administrator to check its permissions, then write the note again.",
    "act_waits": "{network} cannot be asked to do this at the moment{said}. It is done by itself "
    "as soon as it can be; there is nothing to do.",
    "act_paused": "An administrator has paused our account on {network}{brackets}. What you asked "
    "for is done by itself once the account is resumed; there is nothing to do.",
    "act_gave_up": "{network} could not be asked to do this for a whole day{said}. Nothing was "
    "changed there. If it still makes sense, write the note again.",
    "act_unknown": "{network} did not confirm that it did this{brackets}, so it may or may not "
    "have happened. Look at it there; if nothing has changed, write the note again.",
    "act_gone": "This message is no longer on {network}{brackets}, so nothing was done to it. "
    "There is nothing to do.",
    "act_not_here": "There is no such message on this ticket{brackets}, so nothing was done on "
    "{network}. Write the number right behind the word, as the sidebar shows it, or leave it out "
    "to mean the last message above your note.",
    "act_not_possible": "{network} does not let us do this to this message. What can be done to "
    "it{said}. Write one of these as an internal note, or act on {network} itself.",
    "act_none_possible": "{network} lets us do nothing to this message but answer "
    "it{brackets}. Act on {network} itself if it must be done.",
    "act_needs_reason": "To hide, delete or block on {network}, a reason is needed, so nothing was "
    "done. Write the note again with the reason behind it{said}.",
    "act_needs_second": "Deleting on {network} needs a second person, so nothing has been done "
    "yet{brackets}. Another agent agrees by writing #approve as an internal note.",
    "act_same_person": "The second person must be somebody else{brackets}, so nothing has been "
    "done on {network} yet. Ask another agent to write #approve as an internal note.",
    "act_nothing_to_approve": "Nothing on this ticket waits for a second person before it goes to "
    "{network}{brackets}. Look at the newest notes to see what has become of it.",
    "named_like": "like",
    "named_unlike": "take back our like",
    "named_hide": "hide",
    "named_unhide": "show again",
    "named_delete": "delete",
    "named_block": "block the author",
    "named_unblock": "unblock the author",
    # who is one customer
    "same_joined": "These are one customer now{said}. What they wrote elsewhere stands in the "
    "sidebar; to take it back, write #notsame{number} as an internal note.",
    "same_parted": "These are two customers now{brackets}. To join them again, "
    "write #same{number} as an internal note.",
    "same_already": "These were one customer before{said}, so nothing was done. There is nothing "
    "to do.",
    "same_through": "These are still one customer, because others join them{said}. Write #notsame "
    "on a ticket of one of the others, or ask an administrator, who sees every link.",
    "same_none": "These have never been joined{brackets}, so nothing was done. There is nothing to "
    "do.",
    "same_nobody": "Nobody who has written to us is called that{brackets}, so nothing was done. "
    "Write #same or #notsame with a link to their profile, a handle with its network like ada@x, "
    "or a number like identity_12, as an internal note.",
    "same_several": "Several people are called that{said}, so nothing was done. Write the note "
    "again with one of these numbers.",
    "same_self": "That is who this ticket is from{brackets}, so nothing was done. Write the note "
    "again and name the other one.",
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

"""People and settings as the JSON that the API answers with."""

from __future__ import annotations

import json

from bridge.sandbox.zendesk import preset
from bridge.sandbox.zendesk.desk import Desk
from bridge.sandbox.zendesk.oauth import Grant
from bridge.sandbox.zendesk.records import Field, Group, Job, User
from bridge.sandbox.zendesk.serial import JSON, stamp, url
from bridge.sandbox.zendesk.webhooks import Webhook


def user(desk: Desk, one: User) -> JSON:
    return {
        "id": one.id,
        "url": url(desk, f"users/{one.id}"),
        "name": one.name,
        "email": one.email,
        "role": one.role,
        "external_id": one.external_id,
        "user_fields": json.loads(one.fields_json),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "active": True,
        "verified": one.is_staff,
        "locale": "en-US",
        "time_zone": "UTC",
        "phone": None,
        "photo": None,
        "tags": [],
        "suspended": False,
        "organization_id": None,
        "default_group_id": preset.GROUP_SUPPORT if one.is_staff else None,
    }


def group(desk: Desk, one: Group) -> JSON:
    return {
        "url": url(desk, f"groups/{one.id}"),
        "id": one.id,
        "name": one.name,
        "description": "",
        "default": one.default,
        "deleted": False,
        "is_public": True,
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
    }


def field(desk: Desk, one: Field, position: int) -> JSON:
    data: JSON = {
        "url": url(desk, f"ticket_fields/{one.id}"),
        "id": one.id,
        "type": one.type,
        "title": one.title,
        "raw_title": one.title,
        "description": one.description,
        "raw_description": one.description,
        "position": position,
        "active": one.active,
        "required": False,
        "collapsed_for_agents": False,
        "regexp_for_validation": None,
        "title_in_portal": one.title,
        "raw_title_in_portal": one.title,
        "visible_in_portal": False,
        "editable_in_portal": False,
        "required_in_portal": False,
        "tag": None,
        "removable": True,
        "agent_description": one.agent_description or None,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
    }
    if one.choices:
        data["custom_field_options"] = [
            {
                "id": one.id + 100 + at,
                "name": choice.name,
                "raw_name": choice.name,
                "value": choice.tag,
                "default": False,
            }
            for at, choice in enumerate(one.choices)
        ]
    return data


def form(desk: Desk) -> JSON:
    return {
        "url": url(desk, f"ticket_forms/{preset.FORM_ID}"),
        "id": preset.FORM_ID,
        "name": "Default Ticket Form",
        "raw_name": "Default Ticket Form",
        "display_name": "Default Ticket Form",
        "raw_display_name": "Default Ticket Form",
        "end_user_visible": True,
        "position": 1,
        "active": True,
        "default": True,
        "in_all_brands": True,
        "restricted_brand_ids": [],
        "ticket_field_ids": list(desk.fields),
        "agent_conditions": [],
        "end_user_conditions": [],
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
    }


def job(desk: Desk, one: Job, status: str) -> JSON:
    done = status == "completed"
    return {
        "id": one.id,
        "job_type": one.kind,
        "url": url(desk, f"job_statuses/{one.id}"),
        "total": one.total,
        "progress": one.total if done else None,
        "status": status,
        "message": one.message if done else None,
        "results": [{"success": True}] if done else None,
    }


def webhook(one: Webhook) -> JSON:
    """The secret parts are not in it."""
    data: JSON = {
        "id": one.id,
        "name": one.name,
        "description": one.description,
        "status": one.status,
        "endpoint": one.endpoint,
        "http_method": "POST",
        "request_format": "json",
        "subscriptions": list(one.subscriptions),
        "created_at": stamp(one.created_at),
        "created_by": str(one.created_by),
        "updated_at": stamp(one.created_at),
        "updated_by": str(one.created_by),
    }
    if one.key_header:
        data["authentication"] = {"type": "api_key", "add_position": "header"}
    return data


def grant(one: Grant) -> JSON:
    data: JSON = {
        "access_token": one.access,
        "token_type": "bearer",
        "scope": one.scope,
        "expires_in": one.expires_in,
    }
    if one.refresh:
        data["refresh_token"] = one.refresh
        data["refresh_token_expires_in"] = 30 * 24 * 3600
    return data

"""What has to be known of an organisation."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from bridge.channels.fields import ServerUrl, Token


class SalesforceOptions(Schema):
    """The client credentials flow of an External Client App, which acts as one user:
    https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_client_credentials_flow.htm
    """

    url = ServerUrl(
        required=True, metadata={"help": "Setup, My Domain: https://your-company.my.salesforce.com"}
    )
    client_id = fields.String(
        required=True, metadata={"help": "The External Client App's consumer key"}
    )
    client_secret = Token(required=True, metadata={"help": "Its consumer secret"})
    api_version = fields.String(
        load_default="62.0", validate=validate.Regexp(r"[0-9]{2,3}\.0", error="like 62.0")
    )
    calls_per_hour = fields.Integer(
        load_default=1000,
        validate=validate.Range(min=10),
        metadata={"help": "Our share of the organisation's daily API calls, by the hour"},
    )
    hard_delete = fields.Boolean(
        load_default=False,
        metadata={
            "help": "Whether what is gone goes past the recycle bin; the user then needs the "
            "permission 'Bulk API Hard Delete'"
        },
    )

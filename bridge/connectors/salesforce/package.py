"""Our objects, fields and permission set as a package for the Metadata API: a zip of XML files.

CustomObject, CustomField, PermissionSet:
https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/customobject.htm,
…/customfield.htm, …/meta_permissionset.htm. Whatever a deployment makes, nobody sees before a
permission set says so, not even admins; hence ours.
"""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree as Tree

from bridge.connectors.salesforce.objects import KEY, LONG, TEXT, THINGS, Column, Kind, Thing

VERSION = "62.0"
PERMISSIONS = "Social_History"
_SPACE = "http://soap.sforce.com/2006/04/metadata"
_KEY_LENGTH = "64"

_SHAPES: dict[Kind, tuple[tuple[str, str], ...]] = {
    Kind.TEXT: (("length", str(TEXT)), ("type", "Text")),
    Kind.LONG: (("length", str(LONG)), ("type", "LongTextArea"), ("visibleLines", "6")),
    Kind.URL: (("type", "Url"),),
    Kind.NUMBER: (("precision", "18"), ("scale", "0"), ("type", "Number")),
    Kind.MOMENT: (("type", "DateTime"),),
}


def zipped() -> bytes:
    """`package.xml` with `objects/` and `permissionsets/`, as `singlePackage`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("package.xml", _manifest())
        for thing in THINGS.values():
            file.writestr(f"objects/{thing.name}.object", _object(thing))
        file.writestr(f"permissionsets/{PERMISSIONS}.permissionset", _permissions())
    return content.getvalue()


def _manifest() -> bytes:
    root = Tree.Element("Package", xmlns=_SPACE)
    for name, members in (
        ("CustomObject", [thing.name for thing in THINGS.values()]),
        ("PermissionSet", [PERMISSIONS]),
    ):
        types = Tree.SubElement(root, "types")
        _put(types, *(("members", each) for each in members), ("name", name))
    _put(root, ("version", VERSION))
    return _xml(root)


def _object(thing: Thing) -> bytes:
    root = Tree.Element("CustomObject", xmlns=_SPACE)
    _put(root, ("deploymentStatus", "Deployed"), ("enableReports", "true"))
    key = Tree.SubElement(root, "fields")
    _put(
        key,
        ("fullName", KEY),
        ("caseSensitive", "true"),
        ("externalId", "true"),
        ("label", "External Id"),
        ("length", _KEY_LENGTH),
        ("type", "Text"),
        ("unique", "true"),
    )
    for column in thing.columns:
        if column.kind is not Kind.NAME:
            _field(Tree.SubElement(root, "fields"), thing, column)
    _put(root, ("label", thing.label))
    _put(Tree.SubElement(root, "nameField"), ("label", "Name"), ("type", "Text"))
    _put(root, ("pluralLabel", thing.plural), ("sharingModel", "ReadWrite"))
    return _xml(root)


def _field(field: Tree.Element, thing: Thing, column: Column) -> None:
    _put(field, ("fullName", column.name), ("label", column.label))
    if column.kind is not Kind.LOOKUP:
        _put(field, *_SHAPES[column.kind])
        return
    # The list of children at the other side; two lists there must not have one name.
    children = f"{thing.plural.replace(' ', '_')}_{column.name.removesuffix('__c')}"
    _put(
        field,
        ("deleteConstraint", "SetNull"),
        ("referenceTo", column.to),
        ("relationshipLabel", thing.plural),
        ("relationshipName", children),
        ("type", "Lookup"),
    )


def _permissions() -> bytes:
    root = Tree.Element("PermissionSet", xmlns=_SPACE)
    for thing in THINGS.values():
        for name in sorted(thing.field_names):
            _put(
                Tree.SubElement(root, "fieldPermissions"),
                ("editable", "true"),
                ("field", f"{thing.name}.{name}"),
                ("readable", "true"),
            )
    _put(root, ("hasActivationRequired", "false"), ("label", "Social History"))
    for thing in THINGS.values():
        rights = Tree.SubElement(root, "objectPermissions")
        for right in ("allowCreate", "allowDelete", "allowEdit", "allowRead"):
            _put(rights, (right, "true"))
        _put(rights, ("modifyAllRecords", "true"), ("object", thing.name))
        _put(rights, ("viewAllRecords", "true"))
    return _xml(root)


def _put(parent: Tree.Element, *pairs: tuple[str, str]) -> None:
    for name, text in pairs:
        Tree.SubElement(parent, name).text = text


def _xml(root: Tree.Element) -> bytes:
    Tree.indent(root)
    made: bytes = Tree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return made

package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.Quoting;
import dev.holdfast.engine.schema.order.Graph;
import dev.holdfast.engine.schema.order.Node;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** All objects found so far, by address. */
final class Drafts {
    final Graph graph = new Graph();
    private final Map<ObjectAddress, Node> nodes = new HashMap<>();
    private final Map<ObjectAddress, Node> stands = new HashMap<>();
    private final Map<Node, Draft> drafts = new HashMap<>();

    /** An object the catalog has a row for, which stands under that row's address. */
    Draft add(ObjectKind kind, Row row, String schema, String name, String identity) throws SQLException {
        return add(kind, row.address(), schema, name, identity);
    }

    /** {@code address} is null for what has no row of its own, or must not get the dependencies of the row. */
    Draft add(ObjectKind kind, ObjectAddress address, String schema, String name, String identity) {
        var node = graph.add(kind).named(schema, name, address == null ? 0 : address.oid());
        var draft = new Draft(node, identity);
        drafts.put(node, draft);
        if (address != null) {
            nodes.put(address, node);
        }
        return draft;
    }

    /** An object with schema and name whose DDL names it {@code KIND "schema"."name"}. */
    Draft addNamed(ObjectKind kind, Row row, String schema, String name, String words) throws SQLException {
        return add(kind, row, schema, name, words + " " + Quoting.qualified(schema, name));
    }

    /** Something that only passes dependencies on. */
    Node addImplicit(ObjectKind kind, ObjectAddress address, String schema, String name) {
        var node = graph.add(kind).named(schema, name, address.oid()).implicit();
        nodes.put(address, node);
        return node;
    }

    /** What needs {@code member} needs {@code node}: a member of an extension. */
    void standsFor(Node node, ObjectAddress member) {
        stands.put(member, node);
    }

    /** Null if it is nothing that a restore creates. */
    Node own(ObjectAddress address) {
        return nodes.get(address);
    }

    /** The object, or what creates it; null if it is nothing that a restore creates. */
    Node creator(ObjectAddress address) {
        var node = nodes.get(address);
        return node == null ? stands.get(address) : node;
    }

    Draft draft(Node node) {
        return drafts.get(node);
    }

    Draft draft(ObjectAddress address) {
        var node = nodes.get(address);
        return node == null ? null : drafts.get(node);
    }
}

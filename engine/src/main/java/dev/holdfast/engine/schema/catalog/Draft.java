package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.Grant;
import dev.holdfast.engine.schema.RoleClause;
import dev.holdfast.engine.schema.order.Node;
import dev.holdfast.engine.schema.order.ObjectAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What will become a SchemaObject once the order is known. Its DDL may depend on the order, so it is asked for only then. */
final class Draft {
    /** What a comment or a security label is looked up by, and what it is put on: {@code TABLE "public"."t"}. */
    record Description(ObjectAddress address, int part, String target, String standardComment) {}

    /** What an object depends on an extension by: {@code ALTER <target> DEPENDS ON EXTENSION ...}. */
    record ExtensionDependency(ObjectAddress address, String target) {}

    final Node node;
    final String identity;
    Supplier<List<String>> definition = List::of;
    final List<String> optional = new ArrayList<>();
    String table;
    String owner;
    String ownerTarget;
    String tablespace;
    List<String> roles = List.of();
    RoleClause roleClause;
    /** The clause that creates a part inside its whole. */
    String inlineText;
    final List<Grant> grants = new ArrayList<>();
    final List<Draft> parts = new ArrayList<>();
    final List<Description> descriptions = new ArrayList<>();
    final List<ExtensionDependency> extensionDependencies = new ArrayList<>();

    Draft(Node node, String identity) {
        this.node = node;
        this.identity = identity;
    }

    Draft statement(String sql) {
        definition = () -> List.of(sql);
        return this;
    }

    Draft statements(Supplier<List<String>> newDefinition) {
        definition = newDefinition;
        return this;
    }

    /** Owned by {@code role}; the identity is what ALTER ... OWNER TO takes. */
    Draft owner(String role) {
        return owner(role, identity);
    }

    Draft owner(String role, String target) {
        owner = role;
        ownerTarget = target;
        return this;
    }

    Draft of(String tableName) {
        table = tableName;
        return this;
    }

    /** Comments and labels stand under {@code address} and go onto {@code target}. */
    Draft describedAs(ObjectAddress address, String target) {
        descriptions.add(new Description(address, 0, target, null));
        return this;
    }

    Draft describedAs(ObjectAddress address, int part, String target) {
        descriptions.add(new Description(address, part, target, null));
        return this;
    }

    /** As {@link #describedAs}, where something that initdb makes has a comment from birth. */
    Draft describedAs(ObjectAddress address, String target, String standardComment) {
        descriptions.add(new Description(address, 0, target, standardComment));
        return this;
    }

    Draft mayDependOnExtension(ObjectAddress address, String target) {
        extensionDependencies.add(new ExtensionDependency(address, target));
        return this;
    }

    /** Created within this object, unless the order tears them apart. */
    Draft inlinePart(Draft part) {
        part.node.partOf(node);
        parts.add(part);
        return this;
    }
}

package dev.holdfast.engine.schema.catalog;

import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.SchemaObject;
import dev.holdfast.engine.schema.order.Graph;
import dev.holdfast.engine.schema.order.Node;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the definition of everything in a database from its catalog, as DDL that creates it again.
 *
 * <p>The number of queries does not depend on the number of objects, but for sequences that were never used (before 18, one
 * statement for 200 of them).
 */
public final class SchemaReader {
    private final Session session;
    private final Drafts drafts = new Drafts();

    private SchemaReader(Session session) {
        this.session = session;
    }

    /**
     * @param connection of {@link dev.holdfast.engine.cluster.Upstream}, so with its settings pinned, inside a REPEATABLE READ
     *     transaction. No lock is taken but on unused sequences. The deparsers read the newest catalog and not the snapshot,
     *     so what is read while somebody changes the schema may mix both states without any error: who must be sure compares
     *     what tells of changes before and after
     * @throws SchemaChangedException if something vanished meanwhile; the transaction is spent, and the caller tries again in
     *     a new one
     */
    public static DatabaseSchema read(Connection connection) throws SQLException, SchemaChangedException {
        if (connection.getAutoCommit()) {
            throw new IllegalStateException("the schema has to be read in one transaction");
        }
        try (var statement = connection.createStatement()) {
            // The words that need quotes are not the same on the server that will read this. Only for this transaction.
            statement.execute("set local quote_all_identifiers = on");
            int version;
            String lockTimeout;
            try (var result = statement.executeQuery(
                    "select current_setting('server_version_num')::int, current_setting('lock_timeout')")) {
                result.next();
                version = result.getInt(1);
                lockTimeout = result.getString(2);
            }
            // The deparsers lock what they look at. Whoever drops it may wait for us elsewhere: we give up before a deadlock is looked
            // for, which would end his statement.
            statement.execute("set local lock_timeout = '500ms'");
            var schema = new SchemaReader(new Session(connection, version)).read();
            statement.execute("set local lock_timeout = '" + lockTimeout + "'");
            statement.execute("set local quote_all_identifiers = off");
            return schema;
        }
    }

    private DatabaseSchema read() throws SQLException, SchemaChangedException {
        var properties = Database.read(session);
        var extensions = Extensions.read(session, drafts);
        Schemas.read(session, drafts);
        // Loops are looked for from what is read first, and in a loop of views and functions the first view becomes a shell.
        var relations = Relations.read(session, drafts);
        Functions.read(session, drafts);
        Types.read(session, drafts);
        Composites.read(session, drafts);
        Domains.read(session, drafts);
        Ranges.read(session, drafts);
        Aggregates.read(session, drafts);
        Languages.read(session, drafts);
        Casts.read(session, drafts);
        Operators.read(session, drafts);
        OperatorClasses.read(session, drafts);
        Collations.read(session, drafts);
        TextSearch.read(session, drafts);
        ForeignData.read(session, drafts);
        Columns.read(session, drafts, relations);
        Constraints.read(session, drafts, relations);
        Tables.define(drafts, relations);
        Views.read(session, drafts, relations);
        var sequences = Sequences.read(session, drafts, relations, extensions);
        var indexes = Indexes.read(session, drafts, relations);
        Constraints.readForeignKeys(session, drafts, relations, indexes);
        Statistics.read(session, drafts, relations);
        Triggers.read(session, drafts, relations);
        Policies.read(session, drafts, relations);
        Replication.read(session, drafts, relations);
        Triggers.readEventTriggers(session, drafts);
        Grants.read(session, drafts);
        Grants.readDefaults(session, drafts);
        var dependencies = Dependencies.read(session, drafts);
        Views.addRefreshes(drafts, relations);
        var descriptions = Descriptions.read(session);
        var rows = Rows.read(session, relations, extensions);

        var listed = drafts.graph.sort().stream().filter(Node::isListed).toList();
        Map<Node, Integer> ids = new HashMap<>();
        for (var node : listed) {
            ids.put(node, ids.size());
        }
        var objects = listed.stream().map(node -> object(node, ids, dependencies, descriptions)).toList();
        return new DatabaseSchema(
                session.version(),
                properties,
                objects,
                rows.list(ids),
                sequences.list(ids),
                extensions.list(ids),
                LargeObjectCatalog.read(session, descriptions),
                List.copyOf(drafts.graph.remarks()));
    }

    private SchemaObject object(Node node, Map<Node, Integer> ids, Dependencies dependencies, Descriptions descriptions) {
        var draft = drafts.draft(node);
        var statements = new ArrayList<>(draft.definition.get());
        var optional = new ArrayList<>(draft.optional);
        statements.addAll(dependencies.statements(draft));
        statements.addAll(descriptions.commentStatements(draft));
        optional.addAll(descriptions.labelStatements(draft));
        for (var part : draft.parts) {
            if (!part.node.isListed()) {
                statements.addAll(descriptions.commentStatements(part));
                optional.addAll(descriptions.labelStatements(part));
            }
        }
        return new SchemaObject(
                ids.get(node),
                node.kind(),
                node.schema(),
                node.name(),
                draft.table,
                draft.identity,
                node.section(),
                node.oid(),
                draft.owner,
                draft.ownerTarget,
                draft.tablespace,
                statements,
                optional,
                draft.roles,
                draft.roleClause,
                List.copyOf(draft.grants),
                Graph.listedDependencies(node).stream().map(ids::get).sorted().toList());
    }
}

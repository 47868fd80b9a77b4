package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.crypto.kms.KeyServices;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.StorageProbe;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.engine.system.ExternalConnections;
import dev.holdfast.sqlfront.result.Column;
import dev.holdfast.sqlfront.result.Result;
import dev.holdfast.sqlfront.statement.Statement.CreateConnection;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** What a connection stands for is tried out before it gets its name. */
final class CreateConnectionExecutor implements StatementExecutor<CreateConnection> {
    private static final String TAG = "CREATE EXTERNAL CONNECTION";

    private final ExternalConnections connections;
    private final Storages storages;
    private final KeyServices keyServices;

    CreateConnectionExecutor(ExternalConnections connections, Storages storages, KeyServices keyServices) {
        this.connections = connections;
        this.storages = storages;
        this.keyServices = keyServices;
    }

    @Override
    public List<Column> columns(CreateConnection statement) {
        return List.of();
    }

    @Override
    public Result execute(CreateConnection statement, Parameters parameters, SessionFacts session, Signals signals) throws SQLException {
        if (!session.superuser()) {
            throw HoldfastException.of(
                    SqlState.INSUFFICIENT_PRIVILEGE,
                    "only users with the EXTERNALCONNECTION system privilege are allowed to CREATE EXTERNAL CONNECTION");
        }
        TransactionRules.requireAlone(session, TAG + " cannot be used inside a multi-statement transaction");
        var name = parameters.text(statement.name());
        if (connections.exists(name)) {
            return exists(name, statement.ifNotExists());
        }
        return connections.create(probed(name, parameters.text(statement.uri()), session)) ? Result.tag(TAG) : exists(name, statement.ifNotExists());
    }

    private static Result exists(String name, boolean harmless) {
        if (harmless) {
            return Result.tag(TAG);
        }
        throw HoldfastException.of(
                SqlState.DUPLICATE_OBJECT,
                "failed to create external connection: external connection with connection name " + name + " already exists");
    }

    private ExternalConnections.Entry probed(String name, String text, SessionFacts session) {
        try {
            var parsed = StorageUri.parse(text);
            // gs is Google's storage and its KMS: a KMS has no host.
            if (keyServices.knows(parsed.scheme()) && parsed.host().isEmpty()) {
                keyServices.probe(text);
                return new ExternalConnections.Entry(name, ExternalConnections.Type.KMS, parsed, session.user());
            }
            var uri = storages.bind(text, session.user());
            if (uri.scheme().equals("external")) {
                throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "an external connection cannot stand for another one");
            }
            try (var storage = storages.open(uri)) {
                StorageProbe.run(storage);
            }
            return new ExternalConnections.Entry(name, ExternalConnections.Type.STORAGE, uri, session.user());
        } catch (HoldfastException e) {
            throw e.withPrefix("failed to construct External Connection details: ");
        } catch (IOException e) {
            throw HoldfastException.of(SqlState.IO_ERROR, "failed to construct External Connection details: " + e.getMessage(), e);
        }
    }
}

package dev.holdfast.engine.system;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.crypto.Sealer;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.Storages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The names that {@code external://} URIs use. What they stand for is read when a place is opened, so a change holds at once. */
public final class ExternalConnections implements Storages.ConnectionLookup {
    private final SystemDatabase system;
    private final Sealer sealer;

    public ExternalConnections(SystemDatabase system, Sealer sealer) {
        this.system = system;
        this.sealer = sealer;
    }

    /** As SHOW EXTERNAL CONNECTIONS prints it. */
    public enum Type {
        STORAGE,
        KMS
    }

    public record Entry(String name, Type type, StorageUri uri, String owner) {}

    /** False when there is one of that name. */
    public boolean create(Entry entry) throws SQLException {
        return system.transaction(connection -> Sql.update(
                        connection,
                        """
                        insert into public.external_connections (connection_name, connection_type, connection_details, details_key, owner)
                        values (?, ?, ?, ?, ?) on conflict do nothing
                        """,
                        entry.name(),
                        entry.type().name(),
                        sealer.seal(entry.uri().toSecretString().getBytes(StandardCharsets.UTF_8)),
                        sealer.keyId(),
                        entry.owner()))
                == 1;
    }

    public void drop(String name) throws SQLException {
        int dropped = system.transaction(connection ->
                Sql.update(connection, "delete from public.external_connections where connection_name = ?", name));
        if (dropped == 0) {
            throw missing(name);
        }
    }

    public boolean exists(String name) throws SQLException {
        return !entries(Optional.of(name)).isEmpty();
    }

    public List<Entry> all() throws SQLException {
        return entries(Optional.empty());
    }

    public Entry named(String name) throws SQLException {
        var found = entries(Optional.of(name));
        if (found.isEmpty()) {
            throw missing(name);
        }
        return found.getFirst();
    }

    private List<Entry> entries(Optional<String> name) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.query(
                    connection,
                    """
                    select connection_name, connection_type, connection_details, details_key, owner
                    from public.external_connections where connection_name = coalesce(?, connection_name) order by connection_name
                    """,
                    row -> new Entry(
                            row.getString(1),
                            Type.valueOf(row.getString(2)),
                            open(row.getString(1), row.getBytes(3), row.getString(4)),
                            row.getString(5)),
                    name.orElse(null));
        }
    }

    private StorageUri open(String name, byte[] sealed, String key) {
        if (!key.equals(sealer.keyId())) {
            throw HoldfastException.of(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "external connection " + name + " was sealed with a key that this node does not have")
                    .withHint("Nodes of one cluster share the file seal.key; after restoring into another cluster, create the connection anew.");
        }
        return StorageUri.parse(new String(sealer.open(sealed), StandardCharsets.UTF_8));
    }

    private static HoldfastException missing(String name) {
        return HoldfastException.of(SqlState.UNDEFINED_OBJECT, "external connection with name " + name + " does not exist");
    }

    @Override
    public StorageUri uri(String name) throws IOException {
        return uri(name, Type.STORAGE);
    }

    public StorageUri uri(String name, Type wanted) throws IOException {
        try {
            var entry = named(name);
            if (entry.type() != wanted) {
                throw HoldfastException.of(SqlState.UNCATEGORIZED, wanted + " cannot use object of type " + entry.type());
            }
            return entry.uri();
        } catch (HoldfastException e) {
            throw e.withPrefix("failed to load external connection object: ");
        } catch (SQLException e) {
            throw new IOException("cannot read external connection " + name + ": " + e.getMessage(), e);
        }
    }
}

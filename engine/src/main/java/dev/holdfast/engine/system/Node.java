package dev.holdfast.engine.system;

import dev.holdfast.engine.cluster.Sql;
import java.sql.SQLException;
import java.util.UUID;

/** One Holdfast process: its id is that of its store, so that {@code nodelocal://1} stays the same place. */
public record Node(int id, UUID storeId, String locality) {
    public static Node register(SystemDatabase system, UUID storeId, String locality) throws SQLException {
        int id = system.transaction(connection -> {
            Sql.execute(connection, "lock table public.nodes in share row exclusive mode");
            return Sql.one(
                    connection,
                    """
                    insert into public.nodes (node_id, store_id, locality)
                    values ((select coalesce(max(node_id), 0) + 1 from public.nodes), ?, ?)
                    on conflict (store_id) do update set locality = excluded.locality, started = clock_timestamp()
                    returning node_id
                    """,
                    row -> row.getInt(1),
                    storeId,
                    locality);
        });
        return new Node(id, storeId, locality);
    }
}

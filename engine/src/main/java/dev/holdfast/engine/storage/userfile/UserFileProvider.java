package dev.holdfast.engine.storage.userfile;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.StorageProvider;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.UriParameters;
import dev.holdfast.engine.system.SystemDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;

/** {@code userfile://[database.schema.prefix]/path}: files in tables of the upstream. */
public final class UserFileProvider implements StorageProvider {
    private final Upstream upstream;

    public UserFileProvider(Upstream upstream) {
        this.upstream = upstream;
    }

    /**
     * Without a host it is the user's own files, {@code $user} stands for his name. An upstream without a {@code defaultdb}
     * has them in {@code system}.
     */
    @Override
    public StorageUri bind(StorageUri uri, String user) {
        var host = uri.host().isEmpty() ? defaultDatabase() + ".public.userfiles_$user" : uri.host();
        return new StorageUri(uri.scheme(), uri.userInfo(), host.replace("$user", quoted(user)), uri.path(), uri.parameters());
    }

    /** So that a dot in a name does not look like the end of it. */
    private static String quoted(String user) {
        return user.indexOf('.') < 0 && user.indexOf('"') < 0 ? user : "\"" + user.replace("\"", "\"\"") + "\"";
    }

    private String defaultDatabase() {
        try (var connection = upstream.connect(SystemDatabase.NAME, "holdfast")) {
            return Sql.first(
                            connection,
                            "select datname from pg_catalog.pg_database where datname = ?",
                            row -> row.getString(1),
                            UserFileTables.DEFAULT_DATABASE)
                    .orElse(SystemDatabase.NAME);
        } catch (SQLException e) {
            throw Upstream.translate(e);
        }
    }

    @Override
    public void check(StorageUri uri) {
        new UriParameters(uri).refuseOthers("userfile");
        UserFileTables.of(uri);
        var path = uri.path();
        var normal = Path.of("/" + path).normalize().toString();
        if (!path.isEmpty() && !normal.equals(path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path)) {
            throw HoldfastException.of(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "path " + path + " changes after normalization to " + normal + ". userfile upload does not permit such path constructs");
        }
    }

    @Override
    public ExternalStorage open(StorageUri uri) throws IOException {
        check(uri);
        return new UserFileStorage(uri, UserFileTables.of(uri), upstream);
    }
}

package dev.holdfast.engine.storage.http;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.ObjectNotFoundException;
import dev.holdfast.engine.storage.ObjectWriter;
import dev.holdfast.engine.storage.Retry;
import dev.holdfast.engine.storage.StorageUri;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Files of a plain HTTP or WebDAV server. It cannot be listed. Nothing is overwritten knowingly, but servers differ in
 * whether they honour {@code If-None-Match}: of two who create one file at the same moment both may believe they have.
 */
final class HttpStorage implements ExternalStorage {
    private final StorageUri uri;
    private final HttpTransport transport;
    private final Retry retry = new Retry(new Random());

    HttpStorage(StorageUri uri, HttpTransport transport) {
        this.uri = uri;
        this.transport = transport;
    }

    // ---- requests ----

    private HttpRequest.Builder request(String path) {
        var request = HttpRequest.newBuilder(URI.create(uri.scheme() + "://" + uri.host() + encoded(path)));
        if (!uri.userInfo().isEmpty()) {
            var login = StorageUri.decode(uri.userInfo(), false).getBytes(StandardCharsets.UTF_8);
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login));
        }
        return request;
    }

    private String path(String name) {
        return uri.resolve(name).path();
    }

    private static String encoded(String path) {
        return Arrays.stream(path.split("/", -1)).map(StorageUri::encodeSegment).collect(Collectors.joining("/"));
    }

    private HttpResponse<InputStream> send(HttpRequest.Builder request) throws IOException {
        return transport.send(request);
    }

    /** What no other try will change is an error of its own; the rest may pass. */
    private IOException failed(HttpResponse<InputStream> response, String name) throws IOException {
        int status = response.statusCode();
        var text = response.request().method() + " " + describe(name) + ": status " + status;
        response.body().close();
        if (status >= 500 && status != 501 && status != 507 || status == 429 || status == 408) {
            return new IOException(text);
        }
        var error = HoldfastException.of(
                switch (status) {
                    case 401, 403 -> SqlState.INSUFFICIENT_PRIVILEGE;
                    case 507 -> SqlState.DISK_FULL;
                    default -> SqlState.UNCATEGORIZED;
                },
                "http storage: " + text);
        throw status == 401 ? error.withHint("Give user and password in the URI: https://user:password@host/path.") : error;
    }

    private void done(HttpResponse<InputStream> response) throws IOException {
        response.body().close();
    }

    // ---- storage ----

    @Override
    public List<String> list(String prefix, String delimiter) {
        throw HoldfastException.of(SqlState.UNCATEGORIZED, "http storage does not support listing");
    }

    @Override
    public boolean canList() {
        return false;
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        var response = send(request(path(name)).HEAD());
        if (response.statusCode() == 404) {
            done(response);
            return OptionalLong.empty();
        }
        if (response.statusCode() != 200) {
            throw failed(response, name);
        }
        done(response);
        return response.headers().firstValueAsLong("Content-Length");
    }

    @Override
    public InputStream read(String name, long offset) throws IOException {
        var request = request(path(name)).GET();
        var response = send(offset > 0 ? request.header("Range", "bytes=" + offset + "-") : request);
        switch (response.statusCode()) {
            case 200 -> {
                // A server without ranges sends all of it.
                response.body().skipNBytes(offset);
                return response.body();
            }
            case 206 -> {
                return response.body();
            }
            case 416 -> {
                done(response);
                return InputStream.nullInputStream();
            }
            case 404 -> {
                done(response);
                throw new ObjectNotFoundException(describe(name));
            }
            default -> throw failed(response, name);
        }
    }

    @Override
    public ObjectWriter write(String name) {
        return new SpooledWriter(spool -> {
            if (!create(name, spool)) {
                throw alreadyExists(name);
            }
        });
    }

    @Override
    public boolean putIfAbsent(String name, byte[] content) throws IOException {
        if (!create(name, new Spool.InMemory(content))) {
            return false;
        }
        // The server may have ignored If-None-Match: whose content is there now has won.
        try (var in = read(name, 0)) {
            return Arrays.equals(in.readAllBytes(), content);
        }
    }

    private boolean create(String name, Spool content) throws IOException {
        if (retry.call(() -> size(name)).isPresent()) {
            return false;
        }
        var tries = new AtomicInteger();
        return retry.call(() -> {
            boolean first = tries.getAndIncrement() == 0;
            var response = put(name, content);
            // The directory is not there: 409 by WebDAV's rules, 404 by some servers'.
            if (response.statusCode() == 409 || response.statusCode() == 404) {
                done(response);
                makeDirectories(path(name));
                response = put(name, content);
            }
            switch (response.statusCode()) {
                case 200, 201, 202, 204 -> {
                    done(response);
                    return true;
                }
                case 412 -> {
                    done(response);
                    // An earlier try may have arrived although its answer has not.
                    return !first && isStored(name, content);
                }
                default -> throw failed(response, name);
            }
        });
    }

    private boolean isStored(String name, Spool content) throws IOException {
        try (var stored = read(name, 0);
                var sent = content.open()) {
            var one = new byte[64 * 1024];
            var other = new byte[64 * 1024];
            while (true) {
                int count = sent.readNBytes(one, 0, one.length);
                if (stored.readNBytes(other, 0, other.length) != count || !Arrays.equals(one, 0, count, other, 0, count)) {
                    return false;
                }
                if (count == 0) {
                    return true;
                }
            }
        }
    }

    private HttpResponse<InputStream> put(String name, Spool content) throws IOException {
        return send(request(path(name)).header("If-None-Match", "*").PUT(content.publisher()));
    }

    private void makeDirectories(String path) throws IOException {
        for (int slash = path.indexOf('/', 1); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            var response = send(request(path.substring(0, slash + 1)).method("MKCOL", BodyPublishers.noBody()));
            if (response.statusCode() >= 500) {
                throw failed(response, path);
            }
            // 405: it is there; other refusals show in the PUT that follows.
            done(response);
        }
    }

    @Override
    public void delete(String name) throws IOException {
        var response = send(request(path(name)).DELETE());
        switch (response.statusCode()) {
            case 200, 202, 204, 404 -> done(response);
            default -> throw failed(response, name);
        }
    }

    @Override
    public String describe(String name) {
        return name.isEmpty() ? uri.toString() : uri.resolve(name).toString();
    }

    @Override
    public void close() {
        transport.close();
    }
}

package dev.holdfast.engine.storage.gs;

import dev.holdfast.engine.cloud.google.GoogleErrors;
import dev.holdfast.engine.cloud.google.GoogleTokens;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.ExactInput;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.ObjectNotFoundException;
import dev.holdfast.engine.storage.ObjectWriter;
import dev.holdfast.engine.storage.Retry;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.http.HttpTransport;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Objects in a bucket of Google Cloud Storage, by its JSON API. */
final class GsStorage implements ExternalStorage {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final StorageUri uri;
    private final String endpoint;
    private final Optional<String> billingProject;
    private final HttpTransport transport;
    private final GoogleTokens tokens;
    final Retry retry = new Retry(new Random());

    GsStorage(StorageUri uri, String endpoint, Optional<String> billingProject, HttpTransport transport, GoogleTokens tokens) {
        this.uri = uri;
        this.endpoint = endpoint;
        this.billingProject = billingProject;
        this.transport = transport;
        this.tokens = tokens;
    }

    // ---- requests ----

    String key(String name) {
        return uri.resolve(name).path().substring(1);
    }

    private String bucket() {
        return endpoint + "/storage/v1/b/" + StorageUri.encodeSegment(uri.host()) + "/o";
    }

    private String object(String name) {
        return bucket() + "/" + StorageUri.encodeSegment(key(name));
    }

    String newObject(String name, String uploadType) {
        return endpoint + "/upload/storage/v1/b/" + StorageUri.encodeSegment(uri.host()) + "/o?uploadType=" + uploadType
                + "&ifGenerationMatch=0&name=" + StorageUri.encodeSegment(key(name));
    }

    HttpResponse<InputStream> send(String target, HttpRequest.Builder request) throws IOException {
        request.uri(URI.create(target)).header("Authorization", "Bearer " + tokens.token());
        billingProject.ifPresent(project -> request.header("X-Goog-User-Project", project));
        return transport.send(request);
    }

    /** Returns what may pass, throws the rest. */
    IOException failed(HttpResponse<InputStream> response, String action, String name) throws IOException {
        try (var body = response.body()) {
            return GoogleErrors.translate(
                    response.statusCode(),
                    body.readAllBytes(),
                    "gs: cannot " + action + " " + describe(name),
                    Optional.of("Create the bucket, or correct the host of the URI, which is the bucket's name."));
        }
    }

    // ---- storage ----

    @Override
    public List<String> list(String prefix, String delimiter) throws IOException {
        int base = key("").length();
        var names = new TreeSet<String>();
        var page = "";
        do {
            var target = bucket() + "?maxResults=1000&fields=items/name,prefixes,nextPageToken&prefix=" + StorageUri.encodeSegment(key(prefix))
                    + (delimiter.isEmpty() ? "" : "&delimiter=" + StorageUri.encodeSegment(delimiter))
                    + (page.isEmpty() ? "" : "&pageToken=" + StorageUri.encodeSegment(page));
            var response = send(target, HttpRequest.newBuilder());
            if (response.statusCode() != 200) {
                throw failed(response, "list", prefix);
            }
            JsonNode answer;
            try (var body = response.body()) {
                answer = JSON.readTree(body.readAllBytes());
            }
            answer.path("items").forEach(item -> names.add(item.path("name").asString("").substring(base)));
            answer.path("prefixes").forEach(item -> names.add(item.asString("").substring(base)));
            page = answer.path("nextPageToken").asString("");
        } while (!page.isEmpty());
        names.remove("");
        return List.copyOf(names);
    }

    @Override
    public boolean canList() {
        return true;
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        var response = send(object(name) + "?fields=size", HttpRequest.newBuilder());
        if (response.statusCode() == 404) {
            response.body().close();
            return OptionalLong.empty();
        }
        if (response.statusCode() != 200) {
            throw failed(response, "look at", name);
        }
        try (var body = response.body()) {
            return OptionalLong.of(Long.parseLong(JSON.readTree(body.readAllBytes()).path("size").asString("0")));
        }
    }

    @Override
    public InputStream read(String name, long offset) throws IOException {
        var request = HttpRequest.newBuilder();
        var response = send(object(name) + "?alt=media", offset > 0 ? request.header("Range", "bytes=" + offset + "-") : request);
        switch (response.statusCode()) {
            case 200, 206 -> {
                var length = response.headers().firstValueAsLong("Content-Length");
                return length.isPresent() ? new ExactInput(response.body(), length.getAsLong()) : response.body();
            }
            case 416 -> {
                response.body().close();
                return InputStream.nullInputStream();
            }
            case 404 -> {
                try (var body = response.body()) {
                    if (new String(body.readAllBytes()).contains("bucket does not exist")) {
                        throw HoldfastException.of(SqlState.UNDEFINED_FILE, "gs: cannot read " + describe(name) + ": the bucket does not exist");
                    }
                }
                throw new ObjectNotFoundException(describe(name));
            }
            default -> throw failed(response, "read", name);
        }
    }

    @Override
    public ObjectWriter write(String name) {
        return new ResumableWriter(this, name);
    }

    @Override
    public boolean putIfAbsent(String name, byte[] content) throws IOException {
        return retry.create(this, name, content, () -> {
            var response = send(
                    newObject(name, "media"),
                    HttpRequest.newBuilder()
                            .header("Content-Type", "application/octet-stream")
                            .POST(BodyPublishers.ofByteArray(content)));
            switch (response.statusCode()) {
                case 200, 412 -> {
                    response.body().close();
                    return response.statusCode() == 200;
                }
                default -> throw failed(response, "write", name);
            }
        });
    }

    @Override
    public void delete(String name) throws IOException {
        var response = send(object(name), HttpRequest.newBuilder().DELETE());
        switch (response.statusCode()) {
            case 200, 204, 404 -> response.body().close();
            default -> throw failed(response, "delete", name);
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

package dev.holdfast.engine.collection;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.ObjectNotFoundException;
import dev.holdfast.engine.storage.ObjectWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** A part of a layer that may be long: one JSON value per line, zstd-compressed, written and read as a stream. */
final class JsonLines {
    static final JsonMapper JSON = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();
    private static final int LEVEL = 3;

    private JsonLines() {}

    /** Writes a part; {@link #finish} makes it visible. */
    static final class Writer implements AutoCloseable {
        private final String path;
        private final ObjectWriter object;
        private final ChecksummedOutput checksummed;
        private final OutputStream lines;
        private long count;

        Writer(ExternalStorage layer, String path) throws IOException {
            this.path = path;
            this.object = layer.write(path);
            this.checksummed = new ChecksummedOutput(object);
            this.lines = new ZstdOutputStreamNoFinalizer(checksummed, LEVEL);
        }

        void write(Object value) throws IOException {
            lines.write(JSON.writeValueAsBytes(value));
            lines.write('\n');
            count++;
        }

        Manifest.Part finish() throws IOException {
            lines.close();
            object.commit();
            return new Manifest.Part(path, checksummed.size(), checksummed.sha256Hex(), count);
        }

        @Override
        public void close() throws IOException {
            object.close();
        }
    }

    @FunctionalInterface
    interface LineReader {
        void on(String line) throws IOException;
    }

    /** Reads a part and checks that it is the one the manifest means. */
    static void read(ExternalStorage layer, Manifest.Part part, LineReader reader) throws IOException {
        var name = layer.describe(part.path());
        try (var object = layer.read(part.path());
                var checked = new ChecksummedInput(object, name, part.size(), part.sha256());
                var lines = new BufferedReader(
                        new InputStreamReader(new ZstdInputStreamNoFinalizer(checked), StandardCharsets.UTF_8))) {
            long count = 0;
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                reader.on(line);
                count++;
            }
            checked.finish();
            if (count != part.lines()) {
                throw Damage.of(name, count + " entries instead of " + part.lines());
            }
        } catch (ObjectNotFoundException e) {
            throw Damage.of(name, "it is missing");
        } catch (JacksonException | ZstdIOException e) {
            throw Damage.of(name, e.getMessage());
        }
    }
}

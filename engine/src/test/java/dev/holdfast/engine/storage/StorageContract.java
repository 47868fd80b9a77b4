package dev.holdfast.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.error.HoldfastException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every storage promises. A storage's own test opens it; all of this holds for it then. */
public abstract class StorageContract {
    private ExternalStorage storage;

    /** An empty place. */
    protected abstract ExternalStorage open() throws Exception;

    @BeforeEach
    final void openStorage() throws Exception {
        storage = open();
    }

    @AfterEach
    final void closeStorage() {
        storage.close();
    }

    /** Whether, of several who create an object at the same moment, one at most succeeds: not every HTTP server can tell. */
    protected boolean createsExclusively() {
        return true;
    }

    private void assertHolds(String... names) throws IOException {
        if (storage.canList()) {
            assertThat(storage.list("")).containsExactly(names);
        }
    }

    private void put(String name, String content) throws IOException {
        try (var writer = storage.write(name)) {
            writer.write(content.getBytes(StandardCharsets.UTF_8));
            writer.commit();
        }
    }

    private String get(String name) throws IOException {
        try (var in = storage.read(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        put("a", "one");
        put("dir/deeper/b c+d%20é.sst", "two");
        assertThat(get("a")).isEqualTo("one");
        assertThat(get("dir/deeper/b c+d%20é.sst")).isEqualTo("two");
        assertThat(storage.size("a")).hasValue(3);
    }

    @Test
    void anEmptyObjectIsAnObject() throws IOException {
        put("empty", "");
        assertThat(storage.size("empty")).hasValue(0);
        assertThat(get("empty")).isEmpty();
    }

    @Test
    void aLargeObjectIsStreamed() throws IOException {
        var bytes = new byte[20 << 20];
        new Random(1).nextBytes(bytes);
        try (var writer = storage.write("large")) {
            for (int at = 0; at < bytes.length; at += 100_000) {
                writer.write(bytes, at, Math.min(100_000, bytes.length - at));
            }
            writer.commit();
        }
        assertThat(storage.size("large")).hasValue(bytes.length);
        try (var in = storage.read("large")) {
            assertThat(Arrays.equals(in.readAllBytes(), bytes)).isTrue();
        }
        for (int offset : new int[] {1, 5 << 20, (10 << 20) + 17, bytes.length - 1, bytes.length}) {
            try (var in = storage.read("large", offset)) {
                var part = in.readNBytes(1000);
                assertThat(part).isEqualTo(Arrays.copyOfRange(bytes, offset, Math.min(offset + 1000, bytes.length)));
            }
        }
    }

    @Test
    void withoutCommitThereIsNothing() throws IOException {
        try (var writer = storage.write("dir/abandoned")) {
            writer.write(new byte[10 << 20], 0, 10 << 20);
        }
        assertThat(storage.size("dir/abandoned")).isEmpty();
        assertHolds();
    }

    @Test
    void anUncommittedObjectIsNotSeen() throws IOException {
        try (var writer = storage.write("x")) {
            writer.write(1);
            assertThat(storage.size("x")).isEmpty();
            assertHolds();
            writer.commit();
        }
        assertThat(storage.size("x")).hasValue(1);
        assertHolds("x");
    }

    @Test
    void whatIsMissingIsSaidToBe() throws IOException {
        assertThat(storage.size("missing")).isEmpty();
        assertThatThrownBy(() -> storage.read("missing").close()).isInstanceOf(ObjectNotFoundException.class);
        storage.delete("missing");
    }

    @Test
    void deletedIsGone() throws IOException {
        put("d/a", "1");
        put("d/b", "2");
        storage.delete("d/a");
        assertThat(storage.size("d/a")).isEmpty();
        assertHolds("d/b");
        storage.delete("d/b");
        assertHolds();
        put("d/a", "again");
        assertThat(get("d/a")).isEqualTo("again");
    }

    @Test
    void listsByPrefixAndDelimiter() throws IOException {
        if (!storage.canList()) {
            return;
        }
        for (var name : new String[] {"a/1", "a/2/x", "a/2/y", "ab", "b/1", "a/10"}) {
            put(name, "");
        }
        assertThat(storage.list("")).containsExactly("a/1", "a/10", "a/2/x", "a/2/y", "ab", "b/1");
        assertThat(storage.list("a")).containsExactly("a/1", "a/10", "a/2/x", "a/2/y", "ab");
        assertThat(storage.list("a/")).containsExactly("a/1", "a/10", "a/2/x", "a/2/y");
        assertThat(storage.list("a/1")).containsExactly("a/1", "a/10");
        assertThat(storage.list("", "/")).containsExactly("a/", "ab", "b/");
        assertThat(storage.list("a/", "/")).containsExactly("a/1", "a/10", "a/2/");
        assertThat(storage.list("nothing")).isEmpty();
    }

    @Test
    void listsMoreThanAPage() throws Exception {
        if (!storage.canList()) {
            return;
        }
        int count = 1100;
        try (var threads = Executors.newFixedThreadPool(8)) {
            var puts = IntStream.range(0, count)
                    .<Callable<Boolean>>mapToObj(i -> () -> storage.putIfAbsent("many/%05d".formatted(i), new byte[0]))
                    .toList();
            for (var put : threads.invokeAll(puts)) {
                assertThat(put.get()).isTrue();
            }
        }
        assertThat(storage.list("many/")).hasSize(count).isSorted();
    }

    @Test
    void oneOfManyCreatesIt() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tries = IntStream.range(0, 8)
                    .<Callable<Boolean>>mapToObj(i -> () -> storage.putIfAbsent("lock", ("owner " + i).getBytes(StandardCharsets.UTF_8)))
                    .toList();
            long winners = 0;
            for (var result : threads.invokeAll(tries)) {
                winners += result.get() ? 1 : 0;
            }
            assertThat(winners).isBetween(1L, createsExclusively() ? 1L : 8L);
        }
        assertThat(get("lock")).startsWith("owner ");
        assertThat(storage.putIfAbsent("lock", new byte[0])).isFalse();
    }

    @Test
    void nothingIsOverwritten() throws IOException {
        put("once", "first");
        assertThatThrownBy(() -> put("once", "second")).isInstanceOf(HoldfastException.class);
        assertThat(get("once")).isEqualTo("first");
    }

    @Test
    void aFolderIsTheSameFromFurtherDown() throws IOException {
        var folder = Folder.of(storage, "/some/dir/");
        try (var writer = folder.write("x/y")) {
            writer.write("deep".getBytes(StandardCharsets.UTF_8));
            writer.commit();
        }
        assertThat(get("some/dir/x/y")).isEqualTo("deep");
        if (storage.canList()) {
            assertThat(folder.list("")).containsExactly("x/y");
            assertThat(folder.list("", "/")).containsExactly("x/");
        }
        assertThat(folder.size("x/y")).hasValue(4);
        folder.delete("x/y");
        assertThat(folder.size("x/y")).isEmpty();
        assertHolds();
    }
}

package dev.holdfast.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.system.Setting;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rate limits of a kind of storage hold for all its places together, in the direction they are set for, and for no other kind. */
class ThrottledStorageTest {
    private static final int BYTES = 200_000;
    private static final Storages.StorageLimits.Rate SLOW = new Storages.StorageLimits.Rate(1_000_000, 50_000);
    private static final Storages.StorageLimits.Rate NONE = new Storages.StorageLimits.Rate(0, 0);

    private static Storages limited(StorageKind kind, boolean reading) {
        Map<StorageKind, StorageProvider> providers =
                Arrays.stream(StorageKind.values()).collect(Collectors.toMap(Function.identity(), k -> {
                    var memory = new MemoryStorage();
                    return uri -> memory;
                }));
        return new Storages(providers, ExternalIoPolicy.OPEN, (k, r) -> k == kind && r == reading ? SLOW : NONE, name -> null);
    }

    private static ExternalStorage open(Storages storages, StorageKind kind) throws IOException {
        return storages.open(StorageUri.parse(kind.schemes().stream().sorted().findFirst().orElseThrow() + "://host/path"));
    }

    private static double write(ExternalStorage storage, String name) throws IOException {
        long begin = System.nanoTime();
        try (var writer = storage.write(name)) {
            for (int i = 0; i < BYTES; i += 10_000) {
                writer.write(new byte[10_000], 0, 10_000);
            }
            writer.commit();
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    private static double read(ExternalStorage storage, String name) throws IOException {
        long begin = System.nanoTime();
        try (var in = storage.read(name)) {
            assertThat(in.readAllBytes()).hasSize(BYTES);
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    @ParameterizedTest
    @EnumSource
    void everyKindHasALimitForEitherDirection(StorageKind kind) throws IOException {
        // All but the burst has to wait: 150,000 bytes at a million a second.
        var writing = open(limited(kind, false), kind);
        assertThat(write(writing, "x")).isGreaterThan(0.14);
        var reading = open(limited(kind, true), kind);
        write(reading, "x");
        assertThat(read(reading, "x")).isGreaterThan(0.14);
        assertThat(Setting.rate(kind, true).name()).isEqualTo("cloudstorage." + kind.settingName() + ".read.node_rate_limit");
        assertThat(Setting.burst(kind, false).name()).isEqualTo("cloudstorage." + kind.settingName() + ".write.node_burst_limit");
    }

    @Test
    void otherKindsAndTheOtherDirectionAreNotSlower() throws IOException {
        var storages = limited(StorageKind.S3, true);
        // A limit would hold it for the time of the burst at least; the machine may be slow, so it gets many tries.
        assertThat(Stream.generate(() -> {
                    try {
                        return write(open(storages, StorageKind.GS), "a" + System.nanoTime()) + write(open(storages, StorageKind.S3), "b" + System.nanoTime());
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                }).limit(20).mapToDouble(seconds -> seconds).min().orElseThrow())
                .isLessThan(0.14);
    }

    @Test
    void placesOfOneKindShareTheLimit() throws Exception {
        var storages = limited(StorageKind.NODELOCAL, false);
        long begin = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var done : threads.invokeAll(Stream.of("a", "b", "c")
                    .<Callable<Double>>map(name -> () -> write(open(storages, StorageKind.NODELOCAL), name))
                    .toList())) {
                done.get();
            }
        }
        assertThat((System.nanoTime() - begin) / 1e9).isGreaterThan(0.5);
    }
}

package dev.holdfast.engine.storage.nodelocal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.StorageContract;
import dev.holdfast.engine.storage.StorageUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeLocalStorageTest extends StorageContract {
    @TempDir
    private Path root;

    @Override
    protected ExternalStorage open() throws IOException {
        return NodeLocalProvider.open(root, 1).open(StorageUri.parse("nodelocal://1/place"));
    }

    @Test
    void whatACrashHasLeftGoesAtTheNextStart() throws IOException {
        var storage = open();
        var abandoned = storage.write("x");
        abandoned.write(1);
        try (var files = Files.walk(root)) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(1);
        }
        open();
        try (var files = Files.walk(root)) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
        abandoned.close();
    }

    @Test
    void selfAndTheOwnIdAreOneDirectory() throws IOException {
        var provider = NodeLocalProvider.open(root, 1);
        provider.open(StorageUri.parse("nodelocal://self/a")).putIfAbsent("x", new byte[0]);
        assertThat(provider.open(StorageUri.parse("nodelocal://1/a")).list("")).containsExactly("x");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nodelocal:///x            | host component of nodelocal URI must be a node ID
            nodelocal://abc/x         | host component of nodelocal URI must be a node ID: nodelocal://abc/x
            nodelocal://2/x           | nodelocal URI names node 2, which does not exist
            nodelocal://1/../../etc   | local file access to paths outside of external-io-dir is not allowed
            """)
    void refusesOtherPlaces(String uri, String message) throws IOException {
        var provider = NodeLocalProvider.open(root, 1);
        assertThatThrownBy(() -> provider.open(StorageUri.parse(uri))).hasMessageContaining(message);
    }

    @Test
    void refusesNamesThatLeadOut() throws IOException {
        var storage = open();
        assertThatThrownBy(() -> storage.read("../../outside").close()).hasMessageContaining("outside of external-io-dir");
    }

    @Test
    void saysThatItIsSwitchedOff() {
        assertThatThrownBy(() -> NodeLocalProvider.disabled(1).open(StorageUri.parse("nodelocal://1/x")))
                .hasMessage("nodelocal storage is not available");
    }
}

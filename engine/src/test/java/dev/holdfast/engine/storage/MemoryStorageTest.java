package dev.holdfast.engine.storage;

class MemoryStorageTest extends StorageContract {
    @Override
    protected ExternalStorage open() {
        return new MemoryStorage();
    }
}

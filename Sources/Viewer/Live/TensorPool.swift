import Synchronization
import Tensors

/// Memory for the tensors of snapshots, used again when nobody has them any more.
final class TensorPool: Sendable {
  private let free = Mutex<[TensorStorage]>([])
  /// Storages that are kept, whatever their size.
  private static let most = 8

  /// Hands its memory back to the pool when the last tensor over it is gone.
  private final class Lease: StorageOwner {
    private let storage: TensorStorage
    private weak var pool: TensorPool?

    init(_ storage: TensorStorage, _ pool: TensorPool) { (self.storage, self.pool) = (storage, pool) }
    deinit { pool?.take(storage) }
    func relinquish(_: UnsafeRawBufferPointer) {}
  }

  /// A float32 tensor of any values.
  func tensor(_ shape: Shape) -> Tensor {
    let byteCount = ElementType.float32.size * shape.count
    let known = free.withLock { free in
      free.lastIndex { $0.bytes.count == max(byteCount, 64) }.map { free.remove(at: $0) }
    }
    let storage = known ?? TensorStorage(byteCount: byteCount)
    return Tensor(
      .float32, shape, TensorStorage(borrowing: UnsafeRawBufferPointer(storage.bytes), from: Lease(storage, self)))
  }

  private func take(_ storage: TensorStorage) {
    free.withLock { free in
      // The oldest goes: it may be of a size that nobody wants any more.
      if free.count >= Self.most { free.removeFirst() }
      free.append(storage)
    }
  }
}

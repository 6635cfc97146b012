import CKernels
import Tensors

/// Weights in the order that kernels read them, kept from plan to plan.
final class PackedWeights {
  /// Which weights, for which kernel and sizes.
  struct Key: Hashable {
    let source: ObjectIdentifier
    let kind: String
    let sizes: [Int]
  }

  private struct Entry {
    var packed: TensorStorage
    var source: TensorStorage
    var loss: Float
  }

  private var entries: [Key: Entry] = [:]
  /// How often something was packed, for tests.
  private(set) var packCount = 0

  /// The packed form of `source`, made by `pack` unless it is there already.
  /// - Parameter floats: the number of elements that `pack` writes.
  func packed(
    _ source: Tensor, kind: String, sizes: [Int], floats: Int,
    pack: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> TensorStorage {
    packedWithLoss(source, kind: kind, sizes: sizes, floats: floats) {
      pack($0, $1)
      return 0
    }.storage
  }

  /// As `packed`, with what `pack` says that it loses by rounding.
  /// - Parameter limit: when more is lost, the packed form is not kept: the caller packs in another way.
  func packedWithLoss(
    _ source: Tensor, kind: String, sizes: [Int], floats: Int, limit: Float = .infinity,
    pack: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Float
  ) -> (storage: TensorStorage, loss: Float) {
    let key = Key(source: ObjectIdentifier(source.storage), kind: kind, sizes: sizes)
    if let known = entries[key] { return (known.packed, known.loss) }
    let target = Tensor(.float32, [floats])
    guard let from = UnsafePointer(source.view.floats.baseAddress), let to = target.view.floats.baseAddress else {
      return (target.storage, 0)
    }
    let loss = withExtendedLifetime(source) { pack(from, to) }
    packCount += 1
    source.storage.relinquish()
    let kept = loss <= limit ? target.storage : TensorStorage(byteCount: 0)
    entries[key] = Entry(packed: kept, source: source.storage, loss: loss)
    return (kept, loss)
  }
}

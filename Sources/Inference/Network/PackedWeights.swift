import Tensors

/// Weights in the order that kernels read them, packed once for all sessions.
final class PackedWeights: Sendable {
  private struct Packed {
    let storage: TensorStorage
    let loss: Float
  }

  private let cache = WeightCache<Packed>()

  /// How often something was packed.
  var packCount: Int { cache.makeCount }

  /// Bytes of all that is packed.
  var byteCount: Int { cache.all.reduce(0) { $0 + $1.storage.bytes.count } }

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

  /// As `packed`, with the rounding error that `pack` reports.
  /// - Parameter limit: a form with a larger error is not kept, because the caller then packs in another way.
  func packedWithLoss(
    _ source: Tensor, kind: String, sizes: [Int], floats: Int, limit: Float = .infinity,
    pack: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Float
  ) -> (storage: TensorStorage, loss: Float) {
    let packed = cache.made(of: [source], "\(kind) \(sizes)") {
      let target = Tensor(.float32, [floats])
      guard let from = UnsafePointer(source.view.floats.baseAddress), let to = target.view.floats.baseAddress else {
        return Packed(storage: target.storage, loss: 0)
      }
      let loss = pack(from, to)
      source.storage.relinquish()
      return Packed(storage: loss <= limit ? target.storage : TensorStorage(byteCount: 0), loss: loss)
    }
    return (packed.storage, packed.loss)
  }

  /// Lets go of the packed forms of tensors that are gone, or that no plan will be made by any more.
  func sweep(with tensors: [Tensor]) { cache.sweep(with: tensors) }
}

import CKernels
import Tensors

/// How weights [N, K] or [K, N] are to be read.
struct LinearForm {
  var inputs: Int, outputs: Int
  var isTransposed: Bool
  var factor: Float, biasFactor: Float
}

extension LinearForm {
  /// As [K, N], without factors.
  init(matrix: Shape) {
    self.init(inputs: matrix[0], outputs: matrix[1], isTransposed: false, factor: 1, biasFactor: 1)
  }

  /// A layer with fewer weights stays in the caches from run to run; fewer bytes would not make it faster.
  private static let storedWeightsAtLeast = 1 << 20

  /// With bf16 the rest of a network reads so little that smaller layers count too.
  private static let halvesAtLeast = 1 << 17

  /// What storing weights in 20 bits may round away: root mean square by mean magnitude. An output is a sum of many products
  /// with independent errors: its own error has about this standard deviation relative to its size, the worst of some thousand
  /// outputs is four times that, and three such layers in a row stay within 3e-5.
  static let largestLoss: Float = 4e-6

  /// A batch of this many pictures reads weights as one picture does, and gets the same numbers.
  private static let fewRows = 16

  /// Packs the weights in the form that is read fastest, within the precision that is asked for, and notes the form in `params`.
  func pack(_ weights: Tensor, _ params: inout fovea_linear_params, for builder: PlanBuilder) -> TensorStorage {
    guard params.rows <= Self.fewRows else { return pack(weights, &params, builder, as: FOVEA_WEIGHTS_TILES).storage }
    if weights.shape.count >= (builder.precision == .bf16 ? Self.halvesAtLeast : Self.storedWeightsAtLeast) {
      let half = builder.precision != .fp32
      // A half cannot hold more than 65504.
      let limit = half ? Float(1e-2) : Self.largestLoss
      let stored = pack(
        weights, &params, builder, as: half ? FOVEA_WEIGHTS_FP16 : FOVEA_WEIGHTS_20_BITS, limit: limit)
      if stored.loss <= limit { return stored.storage }
    }
    return pack(weights, &params, builder, as: FOVEA_WEIGHTS_ROWS).storage
  }

  private func pack(
    _ weights: Tensor, _ params: inout fovea_linear_params, _ builder: PlanBuilder, as stored: fovea_weights,
    limit: Float = .infinity
  ) -> (storage: TensorStorage, loss: Float) {
    params.weights = stored
    let (isa, sized) = (builder.isa.kernels, Held(params))
    let strides = isTransposed ? (inputs, 1) : (1, outputs)
    let sizes = [inputs, outputs, strides.0, Int(factor.bitPattern)]
    return builder.packed.packedWithLoss(
      weights, kind: "linear \(stored.rawValue)", sizes: sizes,
      floats: fovea_linear_weights_size(isa, sized.pointer), limit: limit
    ) { fovea_linear_pack(isa, sized.pointer, $0, Int64(strides.0), Int64(strides.1), factor, $1) }
  }
}

extension fovea_linear_params {
  /// The step's algorithm in plans.
  func name(_ isa: ISA) -> String {
    switch weights {
    case FOVEA_WEIGHTS_ROWS: return "dot products, \(isa)"
    case FOVEA_WEIGHTS_20_BITS: return "20-bit weights, \(isa)"
    case FOVEA_WEIGHTS_FP16: return "fp16 weights, \(isa)"
    default: return "packed rows, \(isa)"
    }
  }
}

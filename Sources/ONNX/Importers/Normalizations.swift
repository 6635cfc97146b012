import Inference
import Tensors

extension ImporterTable {
  /// BatchNormalization and its kin.
  static let normalizations: [String: ImporterEntry] = [
    "BatchNormalization": entry(5...5, batchNormalization),
    "InstanceNormalization": entry(3...3) {
      InstanceNormalization(epsilon: try $0.float("epsilon", default: 1e-5))
    },
    "LayerNormalization": entry(2...3, layerNormalization),
    "GroupNormalization": entry(3...3, groupNormalization),
    "LRN": entry(1...1, lrn),
    "LpNormalization": entry(1...1, lpNormalization),
  ]

  private static func batchNormalization(_ context: ImportContext) throws -> any Operator {
    if try context.flag("training_mode") {
      _ = try context.float("momentum")
      return BatchStatistics(epsilon: try context.float("epsilon", default: 1e-5))
    }
    if context.opset < 9, try context.flag("spatial", default: true) == false {
      throw OperatorError("has statistics for each pixel (spatial = 0), which is not supported")
    }
    // Before opset 9 training was told by the outputs.
    if context.opset < 9, context.outputCount > 1 {
      context.warn(
        "has \(context.outputCount) outputs, as in training; it is computed as for use, with the trained statistics")
    }
    // Only training needs it.
    _ = try context.float("momentum")
    return BatchNormalization(epsilon: try context.float("epsilon", default: 1e-5))
  }

  private static func layerNormalization(_ context: ImportContext) throws -> any Operator {
    if try context.int("stash_type", default: 1) != 1 {
      throw OperatorError("does not compute in float32 (stash_type)")
    }
    return LayerNormalization(
      axis: try context.int("axis", default: -1), epsilon: try context.float("epsilon", default: 1e-5))
  }

  /// Opset 21 gave each channel its own scale and bias instead of each group.
  private static func groupNormalization(_ context: ImportContext) throws -> any Operator {
    guard let groups = try context.int("num_groups") else { throw OperatorError("lacks the attribute 'num_groups'") }
    _ = try context.int("stash_type")
    return GroupNormalization(
      groups: groups, epsilon: try context.float("epsilon", default: 1e-5), hasGroupParameters: context.opset < 21)
  }

  /// x by its norm along an axis; 0 where the norm is 0.
  private static func lpNormalization(_ context: ImportContext) throws -> any Operator {
    let p = try context.int("p", default: 2)
    guard p == 1 || p == 2 else { throw OperatorError("has the norm \(p); 1 and 2 are supported") }
    let axis = try context.int("axis", default: -1)
    let norm = context.emit(Reduce(p == 1 ? .l1 : .l2, axes: [axis]), context.inputs)
    let least = context.addConstant(Tensor([Float.leastNormalMagnitude], []))
    context.inputs.append(context.emit(Max(), [norm, least]))
    return Div()
  }

  private static func lrn(_ context: ImportContext) throws -> any Operator {
    guard let size = try context.int("size") else { throw OperatorError("lacks the attribute 'size'") }
    return LRN(
      size: size, alpha: try context.float("alpha", default: 1e-4), beta: try context.float("beta", default: 0.75),
      bias: try context.float("bias", default: 1))
  }
}

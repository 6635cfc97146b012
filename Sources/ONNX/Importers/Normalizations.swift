import Inference

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
  ]

  private static func batchNormalization(_ context: ImportContext) throws -> any Operator {
    if try context.flag("training_mode") {
      throw OperatorError("is in training mode; export the model after model.eval()")
    }
    if context.opset < 9, try context.flag("spatial", default: true) == false {
      throw OperatorError("has statistics for each pixel (spatial = 0), which is not supported")
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

  private static func lrn(_ context: ImportContext) throws -> any Operator {
    guard let size = try context.int("size") else { throw OperatorError("lacks the attribute 'size'") }
    return LRN(
      size: size, alpha: try context.float("alpha", default: 1e-4), beta: try context.float("beta", default: 0.75),
      bias: try context.float("bias", default: 1))
  }
}

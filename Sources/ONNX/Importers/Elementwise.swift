import Inference

extension ImporterTable {
  static let elementwise: [String: ImporterEntry] = [
    "Add": binary(Add()), "Sub": binary(Sub()), "Mul": binary(Mul()), "Div": binary(Div()), "Pow": binary(Pow()),
    "Mod": ImporterEntry { context in
      try context.expectInputs(2...2)
      return Mod(fmod: try context.flag("fmod"))
    },
    "Sum": variadic(Sum()), "Mean": variadic(Mean()), "Max": variadic(Max()), "Min": variadic(Min()),
    "Sqrt": unary(Sqrt()), "Exp": unary(Exp()), "Log": unary(Log()), "Neg": unary(Neg()), "Abs": unary(Abs()),
    "Reciprocal": unary(Reciprocal()), "Floor": unary(Floor()), "Ceil": unary(Ceil()), "Round": unary(Round()),
    "Sign": unary(Sign()), "Not": unary(Not()),
    "Equal": binary(Equal()), "Greater": binary(Greater()), "Less": binary(Less()),
    "GreaterOrEqual": binary(GreaterOrEqual()), "LessOrEqual": binary(LessOrEqual()),
    "And": binary(And()), "Or": binary(Or()), "Xor": binary(Xor()),
    "Where": ImporterEntry { context in
      try context.expectInputs(3...3)
      return Where()
    },
  ]

  private static func unary(_ op: some Operator) -> ImporterEntry {
    ImporterEntry { context in
      try context.expectInputs(1...1)
      return op
    }
  }

  private static func binary(_ op: some Operator) -> ImporterEntry {
    ImporterEntry { context in
      try context.expectInputs(2...2)
      return op
    }
  }

  private static func variadic(_ op: some Operator) -> ImporterEntry {
    ImporterEntry { context in
      try context.expectInputs(max(context.inputs.count, 1)...max(context.inputs.count, 1))
      return op
    }
  }
}

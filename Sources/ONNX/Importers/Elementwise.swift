import Inference

extension ImporterTable {
  static let elementwise: [String: ImporterEntry] = [
    "Add": binary(Add()), "Sub": binary(Sub()), "Mul": binary(Mul()), "Div": binary(Div()), "Pow": binary(Pow()),
    "Mod": entry(2...2) { Mod(fmod: try $0.flag("fmod")) },
    "Sum": variadic(Sum()), "Mean": variadic(Mean()), "Max": variadic(Max()), "Min": variadic(Min()),
    "Sqrt": unary(Sqrt()), "Exp": unary(Exp()), "Log": unary(Log()), "Neg": unary(Neg()), "Abs": unary(Abs()),
    "Reciprocal": unary(Reciprocal()), "Floor": unary(Floor()), "Ceil": unary(Ceil()), "Round": unary(Round()),
    "Sign": unary(Sign()), "Sin": unary(Sin()), "Cos": unary(Cos()), "Not": unary(Not()),
    "Equal": binary(Equal()), "Greater": binary(Greater()), "Less": binary(Less()),
    "GreaterOrEqual": binary(GreaterOrEqual()), "LessOrEqual": binary(LessOrEqual()),
    "And": binary(And()), "Or": binary(Or()), "Xor": binary(Xor()),
    "Where": entry(3...3) { _ in Where() },
  ]

  private static func unary(_ op: some Operator) -> ImporterEntry { entry(1...1) { _ in op } }
  private static func binary(_ op: some Operator) -> ImporterEntry { entry(2...2) { _ in op } }

  private static func variadic(_ op: some Operator) -> ImporterEntry {
    ImporterEntry { context in
      try context.expectInputs(max(context.inputs.count, 1)...max(context.inputs.count, 1))
      return op
    }
  }
}

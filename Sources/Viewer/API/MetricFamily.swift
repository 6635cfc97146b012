/// A metric with all its samples, as Prometheus' text format writes them (prometheus.io, "Exposition formats").
package struct MetricFamily: Sendable {
  /// What kind of numbers they are.
  package enum Kind: String, Sendable { case counter, gauge, histogram }

  package let name: String
  package let kind: Kind
  package let help: String
  package var samples: [Sample]

  /// A number with its labels.
  package struct Sample: Sendable {
    /// Added to the family's name: `_bucket`, `_sum`, `_count` of histograms.
    package var suffix: String
    package var labels: [(name: String, value: String)]
    package var value: Double

    package init(suffix: String = "", labels: [(name: String, value: String)], value: Double) {
      (self.suffix, self.labels, self.value) = (suffix, labels, value)
    }
  }

  package init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    (self.name, self.kind, self.help, self.samples) = (name, kind, help, samples)
  }

  /// A family of one number.
  package init(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
    self.init(name, kind, help, [Sample(labels: [], value: value)])
  }

  /// A family with a sample for each value of a label.
  package init(_ name: String, _ kind: Kind, _ help: String, by label: String, _ values: [String: Double]) {
    self.init(
      name, kind, help,
      values.sorted { $0.key < $1.key }.map { Sample(labels: [(label, $0.key)], value: $0.value) })
  }

  /// Adds the numbers of a histogram.
  package mutating func add(_ histogram: DurationHistogram.Counts, labels: [(name: String, value: String)]) {
    var below = 0
    for (limit, count) in zip(DurationHistogram.limits, histogram.counts) {
      below += count
      samples.append(Sample(suffix: "_bucket", labels: labels + [("le", Self.number(limit))], value: Double(below)))
    }
    let all = Double(histogram.counts.reduce(0, +))
    samples.append(Sample(suffix: "_bucket", labels: labels + [("le", "+Inf")], value: all))
    samples.append(Sample(suffix: "_sum", labels: labels, value: histogram.sum))
    samples.append(Sample(suffix: "_count", labels: labels, value: all))
  }

  /// The same with labels in front of those of each sample.
  package func labelled(_ labels: [(name: String, value: String)]) -> MetricFamily {
    var other = self
    for index in other.samples.indices { other.samples[index].labels = labels + other.samples[index].labels }
    return other
  }

  /// The text of all families; those of one name are joined.
  package static func text(_ families: [MetricFamily]) -> String {
    var order: [String] = []
    var joined: [String: MetricFamily] = [:]
    for family in families {
      if joined[family.name] == nil {
        order.append(family.name)
        joined[family.name] = family
      } else {
        joined[family.name]?.samples += family.samples
      }
    }
    return order.compactMap { joined[$0]?.text }.joined()
  }

  private var text: String {
    "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
      + samples.map { sample in
        let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        return "\(name)\(sample.suffix)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.number(sample.value))\n"
      }.joined()
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }
}

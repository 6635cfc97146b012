import Synchronization
import Tensors

/// What is made of weights, each thing once, whichever thread asks first. It is kept for as long as the weights that it was made of
/// live; so when a parameter gets another tensor and the last plan by the old one has gone, what was made of the old one goes too.
final class WeightCache<Made: Sendable>: Sendable {
  private struct Key: Hashable {
    let sources: [ObjectIdentifier]
    let kind: String
  }

  private struct Source: Sendable {
    weak var storage: TensorStorage?
  }

  private struct Entry {
    let sources: [Source]
    let made: Made

    var isCurrent: Bool { sources.allSatisfy { $0.storage != nil } }
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    var makeCount = 0
    /// With so many entries it is time to look for those whose weights are gone.
    var sweepAt = 256

    mutating func sweep(with gone: Set<ObjectIdentifier> = []) {
      entries = entries.filter { $0.value.isCurrent && gone.isDisjoint(with: $0.key.sources) }
      sweepAt = max(256, 2 * entries.count)
    }
  }

  // Held while something is made, so that of two sessions that are planned at once the second finds what the first has made.
  private let state = Mutex(State())

  /// How often something was made.
  var makeCount: Int { state.withLock { $0.makeCount } }

  /// Everything that is kept.
  var all: [Made] { state.withLock { $0.entries.values.filter(\.isCurrent).map(\.made) } }

  /// What `make` makes of these tensors, unless it is there already.
  /// - Parameter kind: what distinguishes it from other things that are made of the same tensors.
  func made(of tensors: [Tensor], _ kind: String, _ make: () -> Made) -> Made {
    let key = Key(sources: tensors.map { ObjectIdentifier($0.storage) }, kind: kind)
    return state.withLock { state in
      // A tensor that has gone may have left its address to another.
      if let known = state.entries[key], known.isCurrent { return known.made }
      let made = withExtendedLifetime(tensors, make)
      state.makeCount += 1
      if state.entries.count >= state.sweepAt { state.sweep() }
      state.entries[key] = Entry(sources: tensors.map { Source(storage: $0.storage) }, made: made)
      return made
    }
  }

  /// Lets go of what was made of tensors that are gone, or that no plan will be made by any more.
  func sweep(with tensors: [Tensor] = []) {
    let gone = Set(tensors.map { ObjectIdentifier($0.storage) })
    state.withLock { $0.sweep(with: gone) }
  }
}

/// Constants made of a network's weights: scaled by a batch normalisation, turned for a backward pass.
typealias DerivedConstants = WeightCache<Tensor>

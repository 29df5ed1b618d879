// Says what client-go's own EventCorrelator makes of histories of events: the reference for src/events/correlate.ts.
// Reads a line of JSON for each history, writes a line of JSON with what became of each of its events.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"time"
	"unsafe"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/record"
	testclock "k8s.io/utils/clock/testing"
	"k8s.io/utils/lru"
)

type history struct {
	// Of record.CorrelatorOptions.
	MaxEvents   int     `json:"maxEvents"`
	MaxInterval int     `json:"maxInterval"`
	Burst       int     `json:"burst"`
	QPS         float32 `json:"qps"`
	Cache       int     `json:"cache"`
	Events      []struct {
		// Milliseconds since the one before.
		After int64    `json:"after"`
		Event v1.Event `json:"event"`
	} `json:"events"`
}

// What is written; nil for an event that is skipped.
type outcome struct {
	Name    string `json:"name"`
	Count   int32  `json:"count"`
	Message string `json:"message"`
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for in.More() {
		var one history
		if err := in.Decode(&one); err != nil {
			panic(err)
		}
		if err := out.Encode(replay(one)); err != nil {
			panic(err)
		}
	}
}

func replay(one history) []*outcome {
	clock := testclock.NewFakePassiveClock(time.Date(2026, 11, 28, 9, 30, 0, 0, time.UTC))
	correlator := record.NewEventCorrelatorWithOptions(record.CorrelatorOptions{
		LRUCacheSize:         one.Cache,
		BurstSize:            one.Burst,
		QPS:                  one.QPS,
		MaxEvents:            one.MaxEvents,
		MaxIntervalInSeconds: one.MaxInterval,
		Clock:                clock,
	})
	outcomes := []*outcome{}
	for _, step := range one.Events {
		clock.SetTime(clock.Now().Add(time.Duration(step.After) * time.Millisecond))
		event := step.Event
		group, message := record.EventAggregatorByReasonFunc(&event)
		known := keysOf(correlator, group)
		before := known.Clone()
		result, err := correlator.EventCorrelate(&event)
		if err != nil {
			panic(err)
		}
		if now := keysOf(correlator, group); sameSet(now, known) {
			forgetNew(now, before, message)
		}
		if result.Skip {
			outcomes = append(outcomes, nil)
			continue
		}
		outcomes = append(outcomes, &outcome{result.Event.Name, result.Event.Count, result.Event.Message})
	}
	return outcomes
}

// A combined event makes client-go forget one of the messages at random, the new one perhaps. Here it is always the new one: the
// only thing in which a replay is not what client-go would do by itself, and one of the things that it may do.
func forgetNew(now, before sets.Set[string], message string) {
	if before.Has(message) || now.Len() > before.Len() {
		return
	}
	now.Delete(message)
	for key := range before {
		now.Insert(key)
	}
}

// False for a group that was begun anew, after a time without it.
func sameSet(now, known sets.Set[string]) bool {
	return reflect.ValueOf(now).Pointer() == reflect.ValueOf(known).Pointer()
}

// The messages that the correlator knows of a group: the set itself.
func keysOf(correlator *record.EventCorrelator, group string) sets.Set[string] {
	aggregator := reflect.ValueOf(correlator).Elem().FieldByName("aggregator").Elem()
	cache := (*lru.Cache)(aggregator.FieldByName("cache").UnsafePointer())
	value, found := cache.Get(group)
	if !found {
		return nil
	}
	pointer := reflect.ValueOf(value).FieldByName("localKeys").UnsafePointer()
	return *(*sets.Set[string])(unsafe.Pointer(&pointer))
}
